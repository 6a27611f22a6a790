"""A real browser that opens our pages, and what is expected of each page: see browse.py."""

import base64
import json
from contextlib import contextmanager

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 60  # seconds; only a page that never gets there waits that long
DESKTOP = (1100, 760)
PHONE = (360, 740)


class Failure(Exception):
    """What a page did wrong."""


def expect(is_so, otherwise):
    if not is_so:
        raise Failure(otherwise)


@contextmanager
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "hide-scrollbars"):
        options.add_argument("--" + argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    driver.set_page_load_timeout(PATIENCE)
    try:
        yield driver
    finally:
        driver.quit()


def emulate(driver, command, **parameters):
    driver.execute_cdp_cmd(command, parameters)


def set_size(driver, size):
    width, height = size
    emulate(driver, "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)


def set_media(driver, scheme, media=""):
    emulate(driver, "Emulation.setEmulatedMedia", media=media,
            features=[{"name": "prefers-color-scheme", "value": scheme}])


@contextmanager
def opened(driver, url, scheme="light"):
    """Opens a page, and expects in the end that it logged nothing, and loaded nothing but itself."""
    for log in driver.log_types:
        driver.get_log(log)  # reading empties it of what was logged before
    set_size(driver, DESKTOP)
    set_media(driver, scheme)
    driver.get(url)
    yield
    entries = [entry["message"] for entry in driver.get_log("browser")]
    expect(not entries, f"the console says: {entries}")
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    urls = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    expect(urls, "the browser noted no request at all")
    strange = [found for found in urls if not found.startswith((url, "data:"))]
    expect(not strange, f"the page asked elsewhere than {url}: {strange}")


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


def expect_printable(driver):
    pdf = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"]
    expect(base64.b64decode(pdf).startswith(b"%PDF"), "the page could not be printed")
