'use strict';

// Reads a drawn digit as `mnist-train predict` reads a picture of it: the preparation is that of
// src/digit/mnist_form.cpp, for one white digit on an even, black ground. Its sums are rounded to
// float32 (Math.fround) as they are there, so that both come to the same image.
//
// An image is {width, height, pixels}: shades from 0 (black) to 255 (white), row by row.

const kSide = 28;     // of the images that the network was trained on, in pixels
const kBoxSide = 20;  // of the box that a digit fills in them
const kThinBoxSide = 19;  // of one with thin strokes, which smoothing makes broader
const kTrace = 24;    // ink that is no lighter does not count when the digit is cropped
const kTie = 1e-4;    // added where a half is to be rounded up, whatever the last place of a sum is
const kThin = 204;    // what a stroke of a pixel still reaches

// Preparation

/// The digit in the form of MNIST's images, 28 x 28; null if there is no ink.
function prepareDigit(image) {
  const box = boundsOf(image);
  if (!box) return null;
  const digit = centreByMass(scaleToBox(image, box, kBoxSide));
  if (mostInk(digit) >= kThin) return stretch(digit, mostInk(digit));
  // Strokes thinner than a pixel become as broad as MNIST's.
  const broad = smooth(centreByMass(scaleToBox(image, box, kThinBoxSide)));
  return stretch(broad, mostInk(broad) / 3);
}

function mostInk(image) { return Math.max(...image.pixels); }

/// The smallest box with all ink that is more than a trace, right and bottom not included.
function boundsOf({ width, height, pixels }) {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0, i = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x, ++i) {
      if (pixels[i] <= kTrace) continue;
      box.left = Math.min(box.left, x);
      box.top = Math.min(box.top, y);
      box.right = Math.max(box.right, x + 1);
      box.bottom = Math.max(box.bottom, y + 1);
    }
  }
  return box.right > 0 ? box : null;
}

/// Scales the longer side of the box to `to` pixels.
function scaleToBox(image, box, to) {
  const longest = Math.max(box.right - box.left, box.bottom - box.top);
  const scaled = side => Math.max(1, Math.round(side * to / longest));
  return resize(image, box, scaled(box.right - box.left), scaled(box.bottom - box.top));
}

/// How a row of `from` pixels becomes one of `to`: pixel i is the sum of the old pixels from
/// taps[i].first on, times taps[i].weights. This is linear interpolation that averages over all
/// pixels it passes when it makes a row shorter, as Pillow's BILINEAR filter does.
function tapsOf(from, to) {
  const scale = from / to;
  const radius = Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - radius + 0.5));
    const end = Math.min(from, Math.floor(centre + radius + 0.5));
    const weights = Float32Array.from({ length: end - first }, (_, j) =>
      Math.max(0, 1 - Math.abs(first + j + 0.5 - centre) / radius));
    const sum = weights.reduce((total, weight) => Math.fround(total + weight), 0);
    return { first, weights: weights.map(weight => weight / sum) };
  });
}

/// The sum of values[begin], values[begin + step], ... times the weights.
function weightedSum(weights, values, begin, step) {
  let sum = 0;
  for (let i = 0; i < weights.length; ++i) {
    sum = Math.fround(sum + Math.fround(weights[i] * values[begin + i * step]));
  }
  return sum;
}

/// The part of the image in the box, resized: first each row, then each column.
function resize(image, box, width, height) {
  const columns = tapsOf(box.right - box.left, width);
  const rows = tapsOf(box.bottom - box.top, height);
  const narrow = new Float32Array(width * (box.bottom - box.top));
  for (let y = box.top, i = 0; y < box.bottom; ++y) {
    for (const { first, weights } of columns) {
      narrow[i++] = weightedSum(weights, image.pixels, y * image.width + box.left + first, 1);
    }
  }
  const pixels = new Float32Array(width * height);
  rows.forEach(({ first, weights }, y) => {
    for (let x = 0; x < width; ++x) {
      pixels[y * width + x] = weightedSum(weights, narrow, first * width + x, width);
    }
  });
  return { width, height, pixels };
}

/// Puts the digit's centre of mass at the pixel (14, 14), as far as the digit stays inside.
function centreByMass(digit) {
  let mass = 0;
  let weightedX = 0;
  let weightedY = 0;
  digit.pixels.forEach((ink, i) => {
    mass += ink;
    weightedX += ink * (i % digit.width);
    weightedY += ink * Math.floor(i / digit.width);
  });
  const centred = (weighted, side) =>
    Math.min(Math.max(Math.round(kSide / 2 - weighted / mass + kTie), 0), kSide - side);
  const left = centred(weightedX, digit.width);
  const top = centred(weightedY, digit.height);
  const pixels = new Float32Array(kSide * kSide);
  for (let y = 0; y < digit.height; ++y) {
    const row = digit.pixels.subarray(y * digit.width, (y + 1) * digit.width);
    pixels.set(row, (top + y) * kSide + left);
  }
  return { width: kSide, height: kSide, pixels };
}

/// The binomial filter of 3 x 3: each pixel and its neighbours, weighted 1 2 1 in both directions.
function smooth({ width, height, pixels }) {
  const at = (x, y) => x < 0 || y < 0 || x >= width || y >= height ? 0 : pixels[y * width + x];
  const row = (x, y) => at(x - 1, y) + 2 * at(x, y) + at(x + 1, y);
  return { width, height, pixels: pixels.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return row(x, y - 1) + 2 * row(x, y) + row(x, y + 1);
  }) };
}

/// Makes this much ink, and more, white.
function stretch(image, white) {
  const pixels = Uint8Array.from(image.pixels, ink => Math.round(255 * Math.min(1, ink / white)));
  return { ...image, pixels };
}

// The network

/// The layers of a network whose layers, from the inputs to the outputs, have these sizes:
/// weights [outputs, inputs], row by row, and biases [outputs] of each. `base64` holds the same
/// numbers in that order as float32, little-endian like every machine that has a browser.
function loadNetwork(sizes, base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; ++i) bytes[i] = text.charCodeAt(i);
  const numbers = new Float32Array(bytes.buffer);
  let offset = 0;
  const take = count => numbers.subarray(offset, offset += count);
  return sizes.slice(1).map((outputs, i) =>
    ({ weights: take(outputs * sizes[i]), biases: take(outputs) }));
}

function linear({ weights, biases }, inputs) {
  return biases.map((bias, output) => {
    let sum = bias;
    for (let i = 0; i < inputs.length; ++i) sum += weights[output * inputs.length + i] * inputs[i];
    return sum;
  });
}

function relu(values) {
  return values.map(value => Math.max(0, value));
}

function softmax(logits) {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, logit => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power);
  return powers.map(power => power / sum);
}

/// The probability of each digit for an image of 28 x 28.
function classify(network, image) {
  let values = Float32Array.from(image.pixels, shade => shade / 255);
  network.forEach((layer, i) => {
    values = linear(layer, i === 0 ? values : relu(values));
  });
  return softmax(values);
}
