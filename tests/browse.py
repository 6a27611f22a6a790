#!/usr/bin/env python3
"""Opens our pages in a real browser and uses them as a person would.

    browse.py draw URL [--screenshot FILE]
    browse.py report PAGE [--shows TEXT...] [--screenshot FILE]

draw: draws a 1, a 7 and a 0 on the page of `mnist-train serve` at URL, by mouse and by touch, and
fails unless each is recognised. The screenshot shows the page with the 7.

report: opens a report in light and dark, at the width of a desk and of a telephone, and as it would
be printed, and fails unless each TEXT and all pictures are there, and nothing is loaded or run.

Needs Debian's chromium, chromium-driver and python3-selenium.
"""

import argparse
import base64
import json
import math
import pathlib
import sys
from contextlib import contextmanager

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from selenium.common.exceptions import TimeoutException

PATIENCE = 60  # seconds; only a page that never gets there waits that long
DESKTOP = (1100, 760)
PHONE = (360, 740)

# Strokes, as points (x, y) from (0, 0) at the pad's top left to (1, 1).
DIGITS = {
    1: [[(0.52, 0.18), (0.50, 0.50), (0.48, 0.82)]],
    7: [[(0.28, 0.24), (0.50, 0.23), (0.72, 0.24), (0.60, 0.50), (0.48, 0.82)]],
    0: [[(0.5 + 0.2 * math.sin(turn * math.tau / 24), 0.5 - 0.3 * math.cos(turn * math.tau / 24))
         for turn in range(25)]],
}


class Failure(Exception):
    """What a page did wrong."""


def expect(is_so, otherwise):
    if not is_so:
        raise Failure(otherwise)


# What every page needs.


@contextmanager
def browser(dark=False):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage",
                     "hide-scrollbars"):
        options.add_argument("--" + argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    driver.set_page_load_timeout(PATIENCE)
    emulate(driver, "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
    try:
        yield driver
    finally:
        driver.quit()


def emulate(driver, command, **parameters):
    driver.execute_cdp_cmd(command, parameters)


def set_size(driver, size, scale=1):
    emulate(driver, "Emulation.setDeviceMetricsOverride", width=size[0], height=size[1],
            deviceScaleFactor=scale, mobile=False)


def wait_until(driver, is_so, otherwise):
    try:
        WebDriverWait(driver, PATIENCE, poll_frequency=0.05).until(lambda _: is_so())
    except TimeoutException:
        raise Failure(otherwise) from None


def expect_no_sideways_scrolling(driver):
    for size in (PHONE, DESKTOP):
        set_size(driver, size)
        width = driver.execute_script("return document.documentElement.scrollWidth")
        expect(width <= size[0], f"at a width of {size[0]} px the page is {width} px wide")


def expect_quiet_console(driver):
    entries = [entry["message"] for entry in driver.get_log("browser")]
    expect(not entries, f"the console says: {entries}")


def expect_requests_only_to(driver, allowed):
    """allowed: the start of every URL but those of data:."""
    urls = []
    for entry in driver.get_log("performance"):
        event = json.loads(entry["message"])["message"]
        if event["method"] == "Network.requestWillBeSent":
            urls.append(event["params"]["request"]["url"])
    expect(urls, "the browser noted no request at all")
    strange = [url for url in urls if not url.startswith((allowed, "data:"))]
    expect(not strange, f"the page asked elsewhere than {allowed}: {strange}")


# The drawing page.


def text_of(driver, name):
    return driver.find_element(By.ID, name).get_property("textContent")


def state(driver):
    return driver.execute_script("return document.body.dataset.state")


def draw(driver, digit, kind):
    pad = driver.find_element(By.ID, "pad")
    side = pad.size["width"]
    pointer = PointerInput(kind, "pointer-" + kind)
    actions = ActionBuilder(driver, mouse=pointer, duration=20)
    for stroke in DIGITS[digit]:
        # The driver counts from the middle of the element.
        offsets = [(round((x - 0.5) * side), round((y - 0.5) * side)) for x, y in stroke]
        pointer.create_pointer_move(origin=pad, x=offsets[0][0], y=offsets[0][1], duration=0)
        pointer.create_pointer_down(button=0)
        for x, y in offsets[1:]:
            pointer.create_pointer_move(origin=pad, x=x, y=y, duration=20)
        pointer.create_pointer_up(button=0)
    actions.perform()


def expect_read(driver, digit, kind):
    draw(driver, digit, kind)
    wait_until(driver, lambda: state(driver) == "read",
               f"a {digit} drawn by {kind} was never read; the page says "
               f"'{text_of(driver, 'trouble')}'")
    guess = text_of(driver, "guess")
    bars = [bar.text for bar in driver.find_elements(By.CSS_SELECTOR, "#bars .value")]
    print(f"{digit} by {kind}: read as {guess}; {' '.join(bars)}")
    expect(guess == str(digit), f"a {digit} drawn by {kind} was read as '{guess}'")
    expect(len(bars) == 10 and all(bars), f"expected ten probabilities, found {bars}")
    expect(lit_pixels(driver) > 0, "the picture that the network saw is black")


def lit_pixels(driver):
    return driver.execute_script("""
        const seen = document.getElementById('seen');
        const {data} = seen.getContext('2d').getImageData(0, 0, seen.width, seen.height);
        return data.filter((shade, i) => i % 4 === 0 && shade > 0).length""")


def expect_cleared(driver, how):
    expect(state(driver) == "empty", f"{how} did not clear the page")
    expect(text_of(driver, "guess") == "", f"{how} left the guess {text_of(driver, 'guess')}")
    expect(lit_pixels(driver) == 0, f"{how} left the picture that the network saw")
    inked = driver.execute_script("""
        const pad = document.getElementById('pad');
        const {data} = pad.getContext('2d').getImageData(0, 0, pad.width, pad.height);
        return data.some((shade, i) => i % 4 === 0 && shade > 0)""")
    expect(not inked, f"{how} left ink on the pad")


def press_clear(driver):
    driver.find_element(By.ID, "clear").click()
    expect_cleared(driver, "the button")


def press_escape(driver):
    driver.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
    expect_cleared(driver, "Escape")


def browse_draw(url, screenshot):
    with browser() as driver:
        set_size(driver, DESKTOP, scale=2 if screenshot else 1)
        driver.get(url)
        expect_cleared(driver, "opening")
        expect_read(driver, 1, "mouse")
        press_clear(driver)
        expect_read(driver, 0, "mouse")
        press_escape(driver)
        expect_read(driver, 7, "mouse")
        if screenshot:
            save_settled(driver, screenshot)
        press_clear(driver)
        set_size(driver, PHONE)
        for digit in DIGITS:
            expect_read(driver, digit, "touch")
            press_clear(driver)
        expect_no_sideways_scrolling(driver)
        expect_quiet_console(driver)
        expect_requests_only_to(driver, url)


def save_settled(driver, file):
    wait_until(driver, lambda: driver.execute_script("return document.getAnimations().length === 0"),
               "the page never comes to rest")
    expect(driver.save_screenshot(file), f"{file}: the screenshot could not be written")


# The report.


def color_of_ground(driver):
    return driver.execute_script("return getComputedStyle(document.documentElement).backgroundColor"
                                 " + getComputedStyle(document.body).backgroundColor")


def contrast_of_text(driver):
    """As WCAG 2.1 has it: from 1 to 21."""
    return driver.execute_script("""
        const light = color => {
          const [r, g, b] = color.match(/[0-9.]+/g).slice(0, 3).map(Number)
              .map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const grounds = [document.body, document.documentElement]
            .map(e => getComputedStyle(e).backgroundColor).filter(c => c !== 'rgba(0, 0, 0, 0)');
        const both = [light(getComputedStyle(document.querySelector('main')).color),
                      light(grounds[0] ?? 'rgb(255, 255, 255)')].sort((a, b) => b - a);
        return (both[0] + 0.05) / (both[1] + 0.05);""")


def expect_whole_report(driver, texts):
    text = driver.execute_script("return document.body.innerText").replace("\u00a0", " ")
    for wanted in texts:
        expect(wanted in text, f"the page does not show '{wanted}'")
    broken = driver.execute_script(
        "return [...document.images].filter(i => i.naturalWidth !== 28).length")
    expect(broken == 0, f"{broken} pictures are not shown")
    small = driver.execute_script(
        "return [...document.querySelectorAll('svg')].filter("
        "s => s.getBoundingClientRect().width < 10).length")
    expect(small == 0, f"{small} drawings have no width")
    expect(not driver.find_elements(By.TAG_NAME, "script"), "the page has a script")


def expect_printable(driver):
    emulate(driver, "Emulation.setEmulatedMedia", media="print")
    expect(contrast_of_text(driver) > 7, "printed, the text has too little contrast")
    pdf = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"]
    expect(base64.b64decode(pdf).startswith(b"%PDF"), "the page could not be printed")


def browse_report(page, texts, screenshot):
    url = pathlib.Path(page).resolve().as_uri()
    grounds = set()
    for dark in (False, True):
        with browser(dark) as driver:
            set_size(driver, DESKTOP)
            driver.get(url)
            expect_whole_report(driver, texts)
            expect(contrast_of_text(driver) > 7, "the text has too little contrast")
            grounds.add(color_of_ground(driver))
            if screenshot and not dark:
                save_settled(driver, screenshot)
            expect_no_sideways_scrolling(driver)
            expect_printable(driver)
            expect_quiet_console(driver)
            expect_requests_only_to(driver, url)
    expect(len(grounds) == 2, "light and dark look the same")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = parser.add_subparsers(dest="mode", required=True)
    draw_mode = modes.add_parser("draw")
    draw_mode.add_argument("url")
    draw_mode.add_argument("--screenshot", metavar="FILE")
    report_mode = modes.add_parser("report")
    report_mode.add_argument("page")
    report_mode.add_argument("--shows", metavar="TEXT", nargs="*", default=[])
    report_mode.add_argument("--screenshot", metavar="FILE")
    arguments = parser.parse_args()
    try:
        if arguments.mode == "draw":
            browse_draw(arguments.url, arguments.screenshot)
        else:
            browse_report(arguments.page, arguments.shows, arguments.screenshot)
    except Failure as failure:
        sys.exit(f"browse.py: error: {failure}")


if __name__ == "__main__":
    main()
