#!/usr/bin/env python3
"""How well `mnist-train predict` reads digits on the pictures that people take.

MNIST's test digits are drawn on sheets as cameras, scanners and screenshots show them, and `predict
--json` reads the files. Each kind comes at strength 1 and at one and a half times that; both take
the same digits at the same places as the row "clean". Needs NumPy and Pillow.

    bench/photos.py --model runs/a [--program build/release/mnist-train ...] [--digits 300]

With several programs the table has columns for each, such as before and after a change.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent


def load_mnist(folder):
    images = np.fromfile(folder / "t10k-images-idx3-ubyte", np.uint8)[16:].reshape(-1, 28, 28)
    return images, np.fromfile(folder / "t10k-labels-idx1-ubyte", np.uint8)[8:]


# Ink: arrays of 0 (paper) to 1.


def place(image, rng, scale=None, margins=(0.06, 0.8)):
    """The digit, enlarged, anywhere on a sheet. margins: least and most, in sides of the digit."""
    rows, columns = np.nonzero(image)
    scale = scale or rng.uniform(3, 12)
    digit = Image.fromarray(image[rows.min():rows.max() + 1, columns.min():columns.max() + 1])
    width, height = (max(3, round(side * scale)) for side in digit.size)
    digit = np.asarray(digit.resize((width, height), Image.BICUBIC)) / 255
    left, right, top, bottom = (rng.uniform(*margins, 4) * max(width, height)).astype(int)
    return np.pad(digit, ((top, bottom), (left, right)))


def thin(ink):
    """The strokes, one pixel wide: T. Y. Zhang, C. Y. Suen, "A fast parallel algorithm for thinning
    digital patterns", 1984."""
    on = np.pad(ink > 0.5, 1)
    while True:
        before = on.sum()
        for step in (0, 1):
            ring = [np.roll(on, shift, (0, 1)) for shift in
                    ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))]
            count = sum(p.astype(int) for p in ring)
            turns = sum((~a & b).astype(int) for a, b in zip(ring, ring[1:] + ring[:1]))
            n, e, s, w = ring[0], ring[2], ring[4], ring[6]
            ends = ~(n & e & s) & ~(e & s & w) if step == 0 else ~(n & e & w) & ~(n & s & w)
            on = on & ~((count >= 2) & (count <= 6) & (turns == 1) & ends)
        if on.sum() == before:
            return on[1:-1, 1:-1].astype(float)


# Light and paper: arrays of shades, 0 to 255.


def field(shape, rng):
    """Coordinates across the sheet in a random direction, from -1 to 1."""
    y, x = np.mgrid[-1:1:shape[0] * 1j, -1:1:shape[1] * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    return along / np.abs(along).max()


def vignette(shape, depth):
    y, x = np.mgrid[-1:1:shape[0] * 1j, -1:1:shape[1] * 1j]
    return 1 - depth * (x * x + y * y) / 2


def shadow(shape, depth, rng):
    edge = rng.uniform(0.05, 0.3)  # its softness
    return 1 - depth / (1 + np.exp((field(shape, rng) - rng.uniform(-0.5, 0.5)) / edge * 4))


def write_on(ink, rng, light=1.0, paper=220, depth=0.75):
    """Dark ink on light paper under this light or, one time in three, chalk on a board."""
    if rng.random() < 1 / 3:
        board = rng.uniform(30, 60)
        return (board + (paper - board) * depth * ink) * light
    return paper * (1 - depth * ink) * light


def to_image(shades):
    return Image.fromarray(np.clip(np.rint(shades), 0, 255).astype(np.uint8))


def saved(path, image, **options):
    """Writes a PNG, or a JPEG where its quality is given."""
    path = path.with_suffix(".jpg" if "quality" in options else ".png")
    image.save(path, **({"compress_level": 1} if path.suffix == ".png" else {}), **options)
    return path


# Kinds: each writes one picture of the ink. `strength` is 1 or 1.5.


def clean(path, ink, rng, strength):
    return saved(path, to_image(255 * ink if rng.random() < 0.5 else 255 - 255 * ink))


def gradient(path, ink, rng, strength):
    light = 1 + 20 / 220 * strength * field(ink.shape, rng)
    return saved(path, to_image(write_on(ink, rng, light)))


def vignetted(path, ink, rng, strength):
    return saved(path, to_image(write_on(ink, rng, vignette(ink.shape, 0.35 * strength))))


def shadowed(path, ink, rng, strength):
    return saved(path, to_image(write_on(ink, rng, shadow(ink.shape, 0.35 * strength, rng))))


def noisy(path, ink, rng, strength):
    return saved(path, to_image(write_on(ink, rng) + rng.normal(0, 6 * strength, ink.shape)))


def blocks(path, ink, rng, strength):
    return saved(path, to_image(write_on(ink, rng)), quality=30 if strength == 1 else 12)


def specks(path, ink, rng, strength):
    ink = ink.copy()
    side = max(1, round(0.01 * strength * max(ink.shape)))
    for _ in range(round(rng.integers(2, 12) * strength)):
        y, x = (rng.integers(0, length - side) for length in ink.shape)
        ink[y:y + side, x:x + side] = 1
    return saved(path, to_image(write_on(ink, rng)))


def frame(path, ink, rng, strength):
    thick = max(1, round(rng.uniform(0, 0.05) * strength * max(ink.shape)))
    inset = rng.integers(0, 2) * rng.integers(0, max(2, max(ink.shape) // 20))
    shades = np.pad(write_on(ink, rng), thick, constant_values=rng.integers(0, 160))
    return saved(path, to_image(np.pad(shades, inset, constant_values=shades[thick, thick])))


def lined(path, ink, rng, strength, squared=False):
    pitch = round(max(ink.shape) * rng.uniform(0.06, 0.25))
    thick = max(1, round(max(ink.shape) / 250 * strength))
    begin = rng.integers(0, pitch)
    lines = (np.arange(ink.shape[0])[:, None] + begin) % pitch < thick
    if squared:
        lines = lines | ((np.arange(ink.shape[1])[None] + begin) % pitch < thick)
    color = 255 - np.array([85, 55, 20]) * strength
    paper = np.where(np.broadcast_to(lines, ink.shape)[..., None], color, 250.0)
    return saved(path, to_image(paper * (1 - 0.8 * ink[..., None])))


def squared(path, ink, rng, strength):
    return lined(path, ink, rng, strength, squared=True)


def transparent(path, ink, rng, strength):
    """White paper with round corners, or with nothing around it."""
    height, width = ink.shape
    margin = rng.integers(0, 2) * rng.integers(1, max(height, width) // 3)
    alpha = Image.new("L", (width + 2 * margin, height + 2 * margin))
    radius = round(rng.uniform(0.02, 0.12) * strength * min(width, height))
    ImageDraw.Draw(alpha).rounded_rectangle(
        (margin, margin, margin + width - 1, margin + height - 1), radius, fill=255)
    shade = to_image(np.pad(255 - 255 * ink, margin))
    return saved(path, Image.merge("LA", (shade, alpha)))


def hair(path, ink, rng, strength):
    return saved(path, to_image(write_on(thin(ink), rng)))


def faint(path, ink, rng, strength):
    paper = rng.uniform(80, 230)
    contrast = 30 / strength * rng.choice([-1, 1])
    return saved(path, to_image(paper + contrast * ink + rng.normal(0, 1.5, ink.shape)))


def colored(path, ink, rng, strength):
    """Two colours of the same lightness by Rec. BT.601."""
    weights = np.array([0.299, 0.587, 0.114])
    tone = rng.normal(size=3)
    tone -= weights * (tone @ weights) / (weights @ weights)
    tone *= 80 / strength / np.abs(tone).max()
    color = 128 + tone * np.where(ink[..., None] > 0, 2 * ink[..., None] - 1, -1)
    return saved(path, to_image(color), **({"quality": 85} if rng.random() < 0.5 else {}))


def turned(path, ink, rng, strength):
    orientation = int(rng.choice([2, 3, 4, 5, 6, 7, 8]))
    undo = {2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM,
            5: Image.TRANSPOSE, 6: Image.ROTATE_90, 7: Image.TRANSVERSE, 8: Image.ROTATE_270}
    exif = Image.Exif()
    exif[0x112] = orientation
    return saved(path, to_image(write_on(ink, rng)).transpose(undo[orientation]), quality=85,
                 exif=exif)


def cut(path, ink, rng, strength):
    """A picture that was cut to its digit, with a margin of 6 % (4 %) and some noise."""
    rows, columns = np.nonzero(ink)
    digit = ink[rows.min():rows.max() + 1, columns.min():columns.max() + 1]
    return noisy(path, np.pad(digit, round(0.06 / strength * max(digit.shape))), rng, 1)


def photo(path, ink, rng, strength):
    """Several at once: uneven light, a shadow, noise and JPEG."""
    light = (1 + 0.08 * strength * field(ink.shape, rng)) * vignette(ink.shape, 0.2 * strength)
    light = light * shadow(ink.shape, 0.2 * strength, rng)
    shades = write_on(ink, rng, light) + rng.normal(0, 4 * strength, ink.shape)
    return saved(path, to_image(shades), quality=60)


KINDS = {
    "clean": clean, "light that changes by 40": gradient, "vignette of 35 %": vignetted,
    "soft shadow of 35 %": shadowed, "noise of sigma 6": noisy, "JPEG of quality 30 (12)": blocks,
    "specks of 1 % of the side": specks, "frame up to 5 % thick": frame, "lined paper": lined,
    "squared paper": squared, "transparent corners or surround": transparent,
    "strokes of one pixel": hair, "contrast of 30 (20) in noise": faint,
    "colours of one lightness": colored, "turned by its EXIF tag": turned,
    "cut to a margin of 6 % (4 %)": cut, "light, shadow, noise and JPEG": photo,
}

# What is not one digit.


def blank(path, images, rng):
    shape = rng.integers(30, 400, 2)
    light = [1, 1 + 0.3 * field(shape, rng), vignette(shape, 0.5), shadow(shape, 0.3, rng)]
    shades = 200 * light[rng.integers(4)] + rng.normal(0, 1, shape) * rng.choice([0, 2, 8])
    return saved(path, to_image(shades), **({"quality": 60} if rng.random() < 0.5 else {}))


def noise(path, images, rng):
    shape = tuple(rng.integers(8, 100, 2))
    shades = rng.integers(0, 256, shape) if rng.random() < 0.5 else rng.normal(128, 40, shape)
    size = rng.integers(28, 400, 2)
    return saved(path, to_image(shades).resize((int(size[0]), int(size[1])), rng.integers(0, 4)))


def text(path, images, rng):
    image = Image.new("L", (160, 90), 255)
    words = "\n".join("".join(rng.choice(list("abcdefghiklmnorstu "), 22)) for _ in range(5))
    ImageDraw.Draw(image).text((8, 6), words, fill=0)
    return saved(path, image.resize([side * int(rng.integers(1, 5)) for side in image.size]))


def several(path, images, rng):
    """Two or three digits side by side, or two one over the other."""
    axis = int(rng.random() < 0.75)
    inks = [place(image, rng, 6, (0.08, 0.2)) for image in images[:rng.integers(2, 3 + axis)]]
    side = max(ink.shape[1 - axis] for ink in inks)
    inks = [np.pad(ink, [(0, 0) if i == axis else (0, side - ink.shape[i]) for i in (0, 1)])
            for ink in inks]
    return saved(path, to_image(write_on(np.concatenate(inks, axis), rng)))


OTHERS = {"blank": blank, "noise": noise, "text": text, "several digits": several}


def predict(program, model, files):
    command = [program, "predict", "--json", "--model", model, "-"]
    names = "\n".join(map(str, files))
    result = subprocess.run(command, input=names, capture_output=True, text=True, check=False)
    if result.returncode not in (0, 3):
        sys.exit(result.stderr)
    return json.loads(result.stdout)["predictions"]


def has_low_confidence(answer):
    return "low_confidence" in answer or "doubt" in answer  # as versions 1 and 2 call it


def row_of(name, answers):
    print(f"| {name} | " + " | ".join(answers) + " |", flush=True)


def measure(arguments, folder):
    images, labels = load_mnist(arguments.data)
    chosen = np.random.default_rng(arguments.seed).permutation(len(images))[:arguments.digits]
    programs = arguments.program
    row_of("kind", [f"{p} x{s}" for p in map(Path, programs) for s in (1, 1.5)] + ["low confidence"])
    print("|---" * (2 * len(programs) + 2) + "|")
    for name, draw in KINDS.items():
        if arguments.only and arguments.only not in name:
            continue
        sets = {}
        for strength in (1, 1.5):
            sets[strength] = []
            for i in chosen:
                ink = place(images[i], np.random.default_rng(i))
                rng = np.random.default_rng([i, sum(name.encode())])
                sets[strength].append(draw(folder / f"{i}-{round(10 * strength)}", ink, rng, strength))
        cells = []
        for program in programs:
            for files in sets.values():
                answers = predict(program, arguments.model, files)
                right = [a.get("digit") == labels[i] for a, i in zip(answers, chosen)]
                marked = sum(has_low_confidence(a) for a in answers)
                cells.append(f"{np.mean(right):.1%}".replace("%", " %"))
        row_of(name, [*cells, f"{marked / len(chosen):.1%}".replace("%", " %")])
    row_of("not one digit: answered as if sure", [""] * (2 * len(programs) + 1))
    for name, draw in OTHERS.items():
        if arguments.only and arguments.only not in name:
            continue
        rngs = [np.random.default_rng([i, 7]) for i in chosen]
        files = [draw(folder / f"{i}", rng.permutation(images), rng)
                 if draw is several else draw(folder / f"{i}", None, rng)
                 for i, rng in zip(chosen, rngs)]
        cells = []
        for program in programs:
            answers = predict(program, arguments.model, files)
            sure = [a for a in answers if "digit" in a and not has_low_confidence(a)]
            cells += [f"{len(sure) / len(files):.1%}".replace("%", " %"), ""]
        row_of(name, [*cells, ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="folder of a run, or a file of weights")
    parser.add_argument("--program", nargs="+",
                        default=[str(ROOT / "build/release/mnist-train")])
    parser.add_argument("--data", type=Path, default=ROOT / "data/MNIST/raw")
    parser.add_argument("--digits", type=int, default=300, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="the kinds whose names hold this")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(arguments, Path(folder))


if __name__ == "__main__":
    main()
