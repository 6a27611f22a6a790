#!/usr/bin/env python3
"""Opens our pages in a real browser, from the disk, and uses them as a person would.

    browse.py draw PAGE
    browse.py save PAGE DIR
    browse.py report PAGE [--shows TEXT...]
    browse.py draw PAGE + save PAGE DIR + report PAGE    # any number, in one browser

draw: draws digits on a page of `mnist-train draw`, by mouse and by touch.
save: draws many shapes on such a page, and writes to DIR images of them and the predictions: see browse_draw.py.
report: expects each TEXT and all pictures in a report, and that nothing is loaded or run.

Needs Debian's chromium, chromium-driver and python3-selenium.
"""

import argparse
import itertools
import pathlib
import sys

from selenium.webdriver.common.by import By

from browse_draw import browse_draw, save_drawings
from browser import Failure, browser, expect, expect_no_sideways_scrolling, expect_printable, opened, set_media

# The contrast of text as WCAG 2.1 has it, from 1 to 21, and the color of the background.
COLORS = """
    const light = color => {
      const [r, g, b] = color.match(/[0-9.]+/g).slice(0, 3).map(Number)
          .map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const background = [document.body, document.documentElement]
        .map(e => getComputedStyle(e).backgroundColor).find(c => c !== 'rgba(0, 0, 0, 0)') ?? 'rgb(255, 255, 255)';
    const [dark, bright] = [light(getComputedStyle(document.querySelector('main')).color), light(background)]
        .sort((a, b) => a - b);
    return [(bright + 0.05) / (dark + 0.05), background];"""


def expect_whole_report(driver, texts):
    text = driver.execute_script("return document.body.innerText").replace("\u00a0", " ")
    for wanted in texts:
        expect(wanted in text, f"the page does not show '{wanted}'")
    broken = driver.execute_script("return [...document.images].filter(i => i.naturalWidth !== 28).length")
    expect(broken == 0, f"{broken} pictures are not shown")
    small = driver.execute_script("return [...document.querySelectorAll('svg')]"
                                  ".filter(s => s.getBoundingClientRect().width < 10).length")
    expect(small == 0, f"{small} drawings have no width")
    expect(not driver.find_elements(By.TAG_NAME, "script"), "the page has a script")


def expect_contrast(driver, where):
    contrast, background = driver.execute_script(COLORS)
    expect(contrast > 7, f"{where}, the text has a contrast of {contrast}")
    return background


def browse_report(driver, url, texts):
    backgrounds = set()
    for scheme in ("light", "dark"):
        with opened(driver, url, scheme):
            expect_whole_report(driver, texts)
            backgrounds.add(expect_contrast(driver, scheme))
            expect_no_sideways_scrolling(driver)
            set_media(driver, scheme, "print")
            expect_contrast(driver, "printed")
            expect_printable(driver)
    expect(len(backgrounds) == 2, "light and dark look the same")


def parse_jobs(words):
    """The jobs on the command line, which a + separates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["draw", "save", "report"])
    parser.add_argument("page", metavar="PAGE", type=pathlib.Path)
    parser.add_argument("directory", metavar="DIR", type=pathlib.Path, nargs="?")
    parser.add_argument("--shows", metavar="TEXT", nargs="*", default=[])
    jobs = [list(job) for is_plus, job in itertools.groupby(words, lambda word: word == "+") if not is_plus]
    return [parser.parse_args(job) for job in jobs or [[]]]


def main():
    jobs = parse_jobs(sys.argv[1:])
    with browser() as driver:
        for job in jobs:
            url = job.page.resolve().as_uri()
            try:
                if job.kind == "draw":
                    browse_draw(driver, url)
                elif job.kind == "save":
                    save_drawings(driver, url, job.directory)
                else:
                    browse_report(driver, url, job.shows)
            except Failure as failure:
                sys.exit(f"browse.py: error: {job.kind} {job.page}: {failure}")


if __name__ == "__main__":
    main()
