#!/usr/bin/python3
"""Augments images as src/augment does, but in NumPy and float64, and compares.

    augment.py IMAGES AUGMENTED KIND SEED EPOCH [STRENGTH=VALUE ...]

IMAGES is an IDX file, and AUGMENTED has the bytes of its first images. Prints the largest difference in gray levels.
"""

import sys

import numpy as np

SIDE, FIELD = 28, 256
WORD = (1 << 64) - 1


class Random:
    """SplitMix64, keyed by whole numbers."""

    def __init__(self, *key):
        self.state = 0
        for part in key:
            self.state = (self.state + part) & WORD
            self.state = self.next()

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & WORD
        z = self.state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & WORD
        z = (z ^ z >> 27) * 0x94D049BB133111EB & WORD
        return z ^ z >> 31

    def below(self, count):
        return (self.next() >> 32) * count >> 32

    def amount(self):
        """From -1 to 1 in 1023 steps."""
        return 2 * self.below(1024) / 1023 - 1


def smooth(noise, sigma):
    radius = int(4 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / max(sigma, 1e-9)) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        noise = np.apply_along_axis(np.convolve, axis, noise, kernel, mode="valid")
    return noise


def noise_field(seed, epoch, alpha, sigma):
    """[2, FIELD, FIELD] displacements in pixels, along the rows first."""
    random = Random(seed, epoch, WORD)
    side = FIELD + 2 * int(4 * sigma)
    noise = np.array([(2 * random.below(512) - 511) / 512 for _ in range(2 * side * side)])
    return np.array([alpha * smooth(plane, sigma) for plane in noise.reshape(2, side, side)])


def sample(image, x, y):
    """Bilinear interpolation; outside the image all is black."""
    framed = np.pad(image.astype(float), 1)
    x, y = np.clip(x + 1, 0, SIDE + 1), np.clip(y + 1, 0, SIDE + 1)
    left, top = np.minimum(x.astype(int), SIDE), np.minimum(y.astype(int), SIDE)
    right, below = x - left, y - top
    upper, lower = (framed[row, left] * (1 - right) + framed[row, left + 1] * right for row in (top, top + 1))
    return upper * (1 - below) + lower * below


def shift(image, random, translate):
    most = int(translate)
    dx, dy = (random.below(2 * most + 1) - most for _ in range(2))
    framed = np.pad(image, SIDE)
    return framed[SIDE - dy:2 * SIDE - dy, SIDE - dx:2 * SIDE - dx]


def change_stroke(image, width):
    """Part of a gray dilation (width > 0) or erosion by the four neighbors, which changes strokes by 2 pixels."""
    framed = np.pad(image.astype(float), 1)
    near = [framed[1 + y:SIDE + 1 + y, 1 + x:SIDE + 1 + x] for y, x in ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0))]
    share = np.floor(np.abs(width) * 128 + 0.5) / 256
    change = np.floor(share * np.abs((np.max if width > 0 else np.min)(near, axis=0) - image) + 0.5)
    return image + np.sign(width) * change


def warp(image, random, strengths, field):
    angle, scale, shear, dx, dy = (random.amount() for _ in range(5))
    angle, shear = np.radians(angle * strengths["degrees"]), np.radians(shear * strengths["shear"])
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slant = np.array([[1, -np.tan(shear)], [0, 1]])
    there = (1 + scale * strengths["scale"]) * rotation @ slant
    centre = (SIDE - 1) / 2
    y, x = np.mgrid[:SIDE, :SIDE]
    moved = np.array([x - centre - dx * strengths["translate"], y - centre - dy * strengths["translate"]])
    x, y = np.einsum("ij,jyx->iyx", np.linalg.inv(there), moved) + centre
    if field is not None:
        column, row = (random.below(FIELD - SIDE + 1) for _ in range(2))
        dx, dy = field[:, row:row + SIDE, column:column + SIDE]
        x, y = x + dx, y + dy
    return sample(change_stroke(image, random.amount() * strengths["stroke"]), x, y)


def main():
    images, augmented, kind, seed, epoch, *changes = sys.argv[1:]
    strengths = {"translate": 1 if kind == "elastic" else 2, "degrees": 10, "scale": 0.1, "shear": 5, "stroke": 0,
                 "alpha": 17, "sigma": 4}
    strengths.update((name, float(value)) for name, value in (change.split("=") for change in changes))
    found = np.fromfile(augmented, np.uint8).reshape(-1, SIDE, SIDE)
    originals = np.fromfile(images, np.uint8)[16:].reshape(-1, SIDE, SIDE)[:len(found)]
    seed, epoch = int(seed), int(epoch)
    field = noise_field(seed, epoch, strengths["alpha"], strengths["sigma"]) if kind == "elastic" else None
    largest = 0
    for index, image in enumerate(originals):
        random = Random(seed, epoch, index)
        expected = (shift(image, random, strengths["translate"]) if kind == "shift"
                    else warp(image, random, strengths, field))
        largest = max(largest, np.abs(np.rint(expected) - found[index].astype(float)).max())
    print(int(largest))


main()
