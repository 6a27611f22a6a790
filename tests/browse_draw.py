"""Draws on a page of `mnist-train draw` in a real browser: see browse.py."""

import base64
import json
import math

from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import (PHONE, emulate, expect, expect_no_sideways_scrolling, expect_printable, opened, set_media,
                     set_size, wait_until)

LANDSCAPE = (740, 360)  # a phone


def curve(x, y, width, height, begin=0.0, turns=1.0):
    """A stroke along an ellipse around (x, y), clockwise from the top."""
    angles = [math.tau * (begin + turns * i / 12) for i in range(13)]
    return [(x + width / 2 * math.sin(angle), y - height / 2 * math.cos(angle)) for angle in angles]


# Strokes, as points (x, y) from (0, 0) at the pad's top left to (1, 1).
DIGITS = {
    1: [[(0.52, 0.18), (0.50, 0.50), (0.48, 0.82)]],
    7: [[(0.28, 0.24), (0.50, 0.23), (0.72, 0.24), (0.60, 0.50), (0.48, 0.82)]],
    0: [curve(0.5, 0.5, 0.4, 0.6)],
}
DASH = [[(0.08, 0.6), (0.92, 0.6)]]
SPECK = [[(0.12, 0.9)]]
TWO_DIGITS = [[(0.2, 0.2), (0.18, 0.8)], curve(0.7, 0.5, 0.3, 0.6)]

PEN = 33  # the page's own, in pixels of its pad
# Of many shapes, sizes and places, and for each reason of low confidence: (name, width of the pen, strokes).
DRAWINGS = [
    ("stem", PEN, [[(0.5, 0.1), (0.5, 0.9)]]),
    ("dash", PEN, DASH),
    ("dot", PEN, [[(0.3, 0.7)]]),
    ("seven in a corner", PEN, [[(0.06, 0.06), (0.3, 0.06), (0.15, 0.4)]]),
    ("two, thin", 6, [curve(0.5, 0.3, 0.4, 0.35, begin=-0.25, turns=0.6), [(0.65, 0.42), (0.3, 0.85), (0.75, 0.84)]]),
    ("five, broad", 70, [[(0.7, 0.2), (0.35, 0.2), (0.33, 0.48)],
                         curve(0.45, 0.63, 0.4, 0.34, begin=-0.1, turns=0.65)]),
    ("seven and a far speck", PEN, DIGITS[7] + SPECK),
    ("two digits", PEN, TWO_DIGITS),
    ("cut off in the corner", PEN, [[(0.0, 0.2), (0.4, 0.2), (0.2, 0.0)]]),
    ("ring that touches the border", PEN, [curve(0.5, 0.33, 0.5, 0.6)]),
    ("ring to all four sides", PEN, [curve(0.5, 0.5, 0.94, 0.94)]),
    ("seven beside a line", PEN, DIGITS[7] + [[(0.97, 0.1), (1.0, 0.7)]]),
    ("seven beside a corner", PEN, DIGITS[7] + [[(1.0, 0.55), (0.86, 0.7), (1.0, 0.85)]]),
    ("eight, thin", 10, [curve(0.5, 0.33, 0.3, 0.3, begin=0.5), curve(0.5, 0.66, 0.4, 0.36)]),
]


def text_of(driver, name):
    return driver.find_element(By.ID, name).get_property("textContent")


def state(driver):
    return driver.execute_script("return document.body.dataset.state")


def draw(driver, strokes, kind, pause=20):
    """pause: milliseconds from one point of a stroke to the next."""
    pad = driver.find_element(By.ID, "pad")
    side = pad.size["width"]
    pointer = PointerInput(kind, "pointer-" + kind)
    actions = ActionBuilder(driver, mouse=pointer, duration=pause)
    for stroke in strokes:
        # The driver counts from the middle of the element.
        offsets = [(round((x - 0.5) * side), round((y - 0.5) * side)) for x, y in stroke]
        pointer.create_pointer_move(origin=pad, x=offsets[0][0], y=offsets[0][1], duration=0)
        pointer.create_pointer_down(button=0)
        for x, y in offsets[1:]:
            pointer.create_pointer_move(origin=pad, x=x, y=y, duration=pause)
        pointer.create_pointer_up(button=0)
    actions.perform()
    wait_until(driver, lambda: state(driver) == "read", "what was drawn was never read")


def shown_bars(driver):
    bars = driver.execute_script("return [...document.querySelectorAll('#bars .value')].map(bar => bar.innerText)")
    expect(len(bars) == 10 and all(bars), f"expected ten probabilities, found {bars}")
    return bars


def has_ink(driver, canvas):
    return driver.execute_script("""
        const canvas = document.getElementById(arguments[0]);
        const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return data.some((shade, i) => i % 4 !== 3 && shade > 0)""", canvas)


def expect_read(driver, digit, kind):
    draw(driver, DIGITS[digit], kind)
    prediction = text_of(driver, "prediction")
    print(f"{digit} by {kind}: {text_of(driver, 'spoken')}; {' '.join(shown_bars(driver))}")
    expect(prediction == str(digit), f"a {digit} drawn by {kind} was read as '{prediction}'")
    expect(text_of(driver, "confidence") == "", f"low confidence of a {digit} drawn by {kind}")
    expect(has_ink(driver, "input"), "the network's input is black")


def expect_cleared(driver, how):
    left = [text_of(driver, name) for name in ("prediction", "spoken")]
    left += [canvas for canvas in ("input", "pad") if has_ink(driver, canvas)]
    expect(state(driver) == "empty" and not any(left), f"{how} left {left}, {state(driver)}")


def press_clear(driver):
    driver.find_element(By.ID, "clear").click()
    expect_cleared(driver, "the button")


def press(driver, keys, how):
    driver.switch_to.active_element.send_keys(keys)
    expect_cleared(driver, how)


def reading(driver):
    image = driver.execute_script("return document.getElementById('input').toDataURL()")
    return text_of(driver, "spoken"), shown_bars(driver), image


def expect_undo_and_no_speck(driver):
    draw(driver, DIGITS[7], "mouse")
    seven = reading(driver)
    draw(driver, SPECK, "mouse")
    expect(reading(driver) == seven, f"with a far speck: {text_of(driver, 'spoken')}")
    draw(driver, DASH, "mouse")
    expect(reading(driver) != seven, "a dash through the 7 changes nothing")
    driver.find_element(By.ID, "undo").click()
    expect(reading(driver) == seven, f"with the dash undone: {text_of(driver, 'spoken')}")
    driver.switch_to.active_element.send_keys(Keys.CONTROL + "z")
    expect(reading(driver) == seven, f"with the speck undone: {text_of(driver, 'spoken')}")
    press(driver, Keys.CONTROL + "z", "undoing all strokes")


def expect_low_confidence(driver, strokes, reason):
    draw(driver, strokes, "mouse")
    shown, spoken = text_of(driver, "confidence"), text_of(driver, "spoken")
    prediction = f"Prediction: {text_of(driver, 'prediction')}, {text_of(driver, 'probability')}"
    expect(shown.startswith("low confidence: " + reason), f"'{shown}' instead of '{reason}'")
    expect(spoken == f"{prediction}, {shown}", f"the page shows '{shown}', and speaks '{spoken}'")
    press_clear(driver)


def expect_all_in_landscape(driver):
    """What a phone held across shows without scrolling, the prediction beside the pad."""
    set_size(driver, LANDSCAPE)
    draw(driver, TWO_DIGITS, "touch")
    width, height = LANDSCAPE
    boxes = {name: driver.execute_script(
        "return document.getElementById(arguments[0]).getBoundingClientRect().toJSON()", name)
        for name in ("pad", "undo", "clear", "prediction", "confidence", "input", "bars")}
    for name, box in boxes.items():
        is_inside = 0 <= box["left"] and box["right"] <= width and 0 <= box["top"] and box["bottom"] <= height
        expect(is_inside, f"in landscape {name} is cut off: {box}")
    expect(boxes["prediction"]["left"] > boxes["pad"]["right"], "the prediction is not beside the pad")
    touch = driver.execute_script("return ['pad', 'bars'].map(id =>"
                                  " getComputedStyle(document.getElementById(id)).touchAction)")
    expect(touch == ["none", "auto"], f"touch-action of pad and bars: {touch}")


def expect_forced_colors_and_print(driver):
    emulate(driver, "Emulation.setEmulatedMedia", features=[{"name": "forced-colors", "value": "active"}])
    track, bar = driver.execute_script("return [...document.querySelectorAll('.best .bar, .best .track')]"
                                       ".map(part => getComputedStyle(part).backgroundColor)")
    expect(track != bar, f"in forced colors a bar is {bar} on {track}")
    set_media(driver, "dark", "print")
    style = driver.execute_script("""
        const of = element => getComputedStyle(document.querySelector(element));
        return [of('.buttons').display, of('#pad').filter, of('body').color, of('body').backgroundColor];""")
    expect(style == ["none", "invert(1)", "rgb(0, 0, 0)", "rgb(255, 255, 255)"], f"in print: {style}")
    expect_printable(driver)


def expect_no_way_out(driver):
    forbidden = driver.execute_async_script("""
        const done = arguments[0];
        addEventListener('securitypolicyviolation', event => done(event.effectiveDirective));
        fetch('http://127.0.0.1:9/').then(() => done('none'), () => setTimeout(done, 1000, 'none'));""")
    expect(forbidden == "connect-src", "the page's policy lets it ask a server")


def browse_draw(driver, url):
    with opened(driver, url):
        expect_cleared(driver, "opening")
        expect_read(driver, 1, "mouse")
        press(driver, "c", "the key c")
        expect_read(driver, 0, "mouse")
        press(driver, Keys.ESCAPE, "Escape")
        expect_read(driver, 7, "mouse")
        for name in ("undo", "clear"):
            driver.switch_to.active_element.send_keys(Keys.TAB)
            focused = driver.switch_to.active_element.get_attribute("id")
            expect(focused == name, f"the tab key reaches '{focused}', not '{name}'")
        press(driver, Keys.ENTER, "Enter on the button")
        expect_undo_and_no_speck(driver)
        expect_low_confidence(driver, TWO_DIGITS, "several shapes")
        expect_low_confidence(driver, DASH, "wider than a digit")
        set_size(driver, PHONE)
        for digit in DIGITS:
            expect_read(driver, digit, "touch")
            press_clear(driver)
        expect_all_in_landscape(driver)
        expect_no_sideways_scrolling(driver)
        expect_forced_colors_and_print(driver)
    expect_no_way_out(driver)


def save_drawings(driver, url, directory):
    """Draws each of DRAWINGS. Writes the pad as 0.png and so on, and drawings.json: a list of
    {name, digit, probabilities, low_confidence}."""
    results = []
    with opened(driver, url):
        for name, pen, strokes in DRAWINGS:
            driver.execute_script("ink.lineWidth = arguments[0]", pen)
            draw(driver, strokes, "mouse", pause=5)
            png = driver.execute_script("return pad.toDataURL('image/png')").split(",")[1]
            (directory / f"{len(results)}.png").write_bytes(base64.b64decode(png))
            probabilities, reasons = driver.execute_script(
                "const {probabilities, lowConfidence} = readPad(); return [probabilities, lowConfidence]")
            percents = [f"{100 * probability:.1f} %" for probability in probabilities]
            bars = shown_bars(driver)
            expect(bars == percents, f"{name}: the page shows {bars}, having computed {percents}")
            confidence = text_of(driver, "confidence")
            expect(confidence == ("low confidence: " + ", ".join(reasons) if reasons else ""),
                   f"{name}: the page shows '{confidence}', having found {reasons}")
            results.append({"name": name, "digit": int(text_of(driver, "prediction")),
                            "probabilities": probabilities, "low_confidence": reasons})
            press_clear(driver)
    (directory / "drawings.json").write_text(json.dumps(results))
