#!/usr/bin/env python3
"""Opens our pages in a real browser and uses them as a person would.

    browse.py draw URL [--screenshot FILE]

draw: draws a 1, a 7 and a 0 on the page of `mnist-train serve` at URL, by mouse and by touch, and
fails unless each is recognised. The screenshot shows the page with the 7.

Needs Debian's chromium, chromium-driver and python3-selenium.
"""

import argparse
import json
import math
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


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = parser.add_subparsers(dest="mode", required=True)
    draw_mode = modes.add_parser("draw")
    draw_mode.add_argument("url")
    draw_mode.add_argument("--screenshot", metavar="FILE")
    arguments = parser.parse_args()
    try:
        browse_draw(arguments.url, arguments.screenshot)
    except Failure as failure:
        sys.exit(f"browse.py: error: {failure}")


if __name__ == "__main__":
    main()
