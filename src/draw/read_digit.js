'use strict';

// Classifies a drawing as `mnist-train predict` classifies an image of it. The steps are those of
// src/picture, less the ones that a drawing without background, noise or frame does not need; more
// than eight shapes, which predict refuses, have low confidence.
//
// An image is {width, height, pixels}: ink from 0 (none) to 1, row by row. kSure is in draw.html.

const kSide = 28;      // of MNIST's images, in pixels
const kTrace = 0.1;    // of full ink: less is the soft edge of a stroke
const kStrong = 0.5;   // of full ink: what stays below this everywhere is no ink
const kThin = 1.9;     // pixels: strokes this narrow are broadened

/// What the network makes of a drawing: its input, the probability of each digit, and why
/// confidence is low (a list, usually empty). null if nothing is drawn.
function readDigit(network, image) {
  const digit = digitIn(image);
  if (!digit) return null;
  const input = toMnistForm(digit.image, digit.box);
  const probabilities = classify(network, input);
  const isSure = Math.max(...probabilities) >= kSure;
  const lowConfidence = isSure ? digit.reasons : [...digit.reasons, 'low probability'];
  return { input, probabilities, lowConfidence };
}

// The digit

/// The image without other shapes, the box around the digit, and reasons for low confidence.
function digitIn(image) {
  const labels = labelComponents(image.pixels.map(ink => ink > kTrace), image.width);
  const shapes = measure(image, labels).filter(({ peak }) => peak >= kStrong);
  if (shapes.length === 0) return null;
  const isInside = shape => sidesReached(shape, image) === 0;
  const weight = shape => shape.mass * (isInside(shape) ? 4 : 1);
  const main = shapes.reduce((best, shape) => weight(shape) > weight(best) ? shape : best);
  const parts = partsNear(main, image, labels, shapes.filter(shape =>
    shape.mass > 0.02 * main.mass && (isInside(shape) || !isInside(main)) &&
    !underlines(shape, main)));

  const bound = (best, side) => best(...parts.map(part => part[side]));
  const box = { left: bound(Math.min, 'left'), top: bound(Math.min, 'top'),
    right: bound(Math.max, 'right'), bottom: bound(Math.max, 'bottom') };
  const reasons = [];
  const isOther = shape => !parts.includes(shape) && shape.mass > 0.1 * main.mass &&
    (isInside(shape) || !isNarrow(shape));
  if (shapes.some(isOther) || parts.filter(({ mass }) => mass > 0.25 * main.mass).length > 1) {
    reasons.push('several shapes');
  }
  const kept = new Set(parts.map(({ label }) => label));
  const pixels = image.pixels.map((ink, i) => labels[i] > 0 && !kept.has(labels[i]) ? 0 : ink);
  if (isCutOff(box, image)) reasons.push('cut off by the border');
  if (2 * (box.right - box.left) > 3 * (box.bottom - box.top)) reasons.push('wider than a digit');
  return { image: { ...image, pixels }, box, reasons };
}

/// Labels the 8-connected components of a mask from 1 on by flood fill; 0 is outside of all.
function labelComponents(mask, width) {
  const labels = new Int32Array(mask.length);
  const open = [];
  let count = 0;
  const add = i => { labels[i] = count; open.push(i); };
  for (let start = 0; start < mask.length; ++start) {
    if (!mask[start] || labels[start]) continue;
    ++count;
    add(start);
    while (open.length > 0) {
      const at = open.pop();
      const first = at % width > 0 ? -1 : 0;
      const last = at % width < width - 1 ? 1 : 0;
      for (let row = at - width; row <= at + width; row += width) {
        for (let i = row + first; i <= row + last; ++i) if (mask[i] && !labels[i]) add(i);
      }
    }
  }
  return labels;
}

/// Each component's first pixel, label, mass, peak and box (right and bottom not included).
function measure({ width, pixels }, labels) {
  const shapes = [];
  labels.forEach((label, i) => {
    if (label === 0) return;
    const x = i % width;
    const y = Math.floor(i / width);
    const shape = shapes[label - 1] ??=
      { first: i, label, mass: 0, peak: 0, left: x, top: y, right: 0, bottom: 0 };
    shape.mass += pixels[i];
    shape.peak = Math.max(shape.peak, pixels[i]);
    shape.left = Math.min(shape.left, x);
    shape.right = Math.max(shape.right, x + 1);
    shape.bottom = y + 1;
  });
  return shapes;
}

function sidesReached({ left, top, right, bottom }, { width, height }, margin = 0) {
  return [left, top, width - right, height - bottom].filter(gap => gap <= margin).length;
}

/// Whether a shape is a line below the digit that is longer than the digit is wide.
function underlines(line, digit) {
  const width = line.right - line.left;
  return line.top >= digit.bottom && width > digit.right - digit.left &&
    width > 4 * (line.bottom - line.top);
}

/// The shapes no farther from the main one, or from each other, than a fifth of its longer side.
function partsNear(main, { width, height }, labels, shapes) {
  if (shapes.length === 1) return shapes;
  const chosen = new Set(shapes.map(({ label }) => label));
  const mask = labels.map(label => label > 0 && chosen.has(label));
  const radius = Math.floor(Math.max(main.right - main.left, main.bottom - main.top) / 10);
  const tall = dilateRows(mask, width, height, radius);
  const groups = labelComponents(dilateRows(tall, height, width, radius), width);
  return shapes.filter(shape => groups[shape.first] === groups[main.first]);
}

/// Extends each row of a mask by `radius` pixels in both directions; returns it transposed.
function dilateRows(mask, width, height, radius) {
  const result = new Uint8Array(mask.length);
  for (let y = 0; y < height; ++y) {
    for (let x = -radius, last = -Infinity; x < width; ++x) {
      if (x + radius < width && mask[y * width + x + radius]) last = x + radius;
      if (x >= 0 && last >= x - radius) result[x * height + y] = 1;
    }
  }
  return result;
}

/// Whether a shape is more than twice as long as wide, such as a pen.
function isNarrow({ left, top, right, bottom }) {
  const [width, height] = [right - left, bottom - top];
  return Math.max(width, height) > 2 * Math.min(width, height);
}

/// Whether the digit may go on beyond the border. One that fills the image to all four sides is
/// whole.
function isCutOff(box, image) {
  const trace = Math.floor(Math.max(image.width, image.height) / 40) + 1;
  return sidesReached(box, image) > 0 && sidesReached(box, image, trace) < 4;
}

// MNIST's form

/// The 28 x 28 input of the network, from 0 to 255.
function toMnistForm(image, box) {
  const digit = center(image, box, 20);
  if (strokeWidth(digit) >= kThin) return stretch(digit, Math.max(...digit));
  const broad = blur(center(image, box, 19));
  return stretch(broad, Math.max(...broad) / 3);  // about three pixels broad, as in MNIST
}

/// Scales the box to a longer side of `side`, and puts its center of mass at (14, 14) if it fits.
function center(image, { left, top, right, bottom }, side) {
  const scale = side / Math.max(right - left, bottom - top);
  const scaled = length => Math.max(1, Math.round(length * scale));
  const tall = shrinkRows(image, left, right, scaled(right - left));
  const { width, height, pixels } = shrinkRows(tall, top, bottom, scaled(bottom - top));
  const xOf = i => i % width;
  const yOf = i => Math.floor(i / width);
  const sum = factor => pixels.reduce((total, ink, i) => total + ink * factor(i), 0);
  const offset = (position, length) => {
    const mean = sum(position) / sum(() => 1);
    return Math.min(Math.max(Math.floor(14.5001 - mean), 0), kSide - length);
  };
  const first = offset(yOf, height) * kSide + offset(xOf, width);
  const result = new Float32Array(kSide * kSide);
  pixels.forEach((ink, i) => { result[first + yOf(i) * kSide + xOf(i)] = ink; });
  return result;
}

/// Shrinks the columns from `begin` to `end` to `to` pixels, each the mean of the area that it
/// covers (INTER_AREA in OpenCV); returns the image transposed.
function shrinkRows({ width, height, pixels }, begin, end, to) {
  const scale = (end - begin) / to;
  const result = new Float32Array(to * height);
  for (let i = 0; i < result.length; ++i) {
    const row = i % height * width;
    const left = begin + Math.floor(i / height) * scale;
    const right = Math.min(left + scale, end);
    for (let x = Math.floor(left); x < right; ++x) {
      const share = (Math.min(x + 1, right) - Math.max(x, left)) / scale;
      result[i] += share * pixels[row + x];
    }
  }
  return { width: height, height: to, pixels: result };
}

/// The ink at (x, y) of a 28 x 28 image, which is mirrored at its border.
function inkAt(pixels, x, y) {
  const mirrored = i => kSide - 1 - Math.abs(kSide - 1 - Math.abs(i));
  return pixels[mirrored(y) * kSide + mirrored(x)];
}

/// The width of strokes in pixels: twice their area by the length of their outline.
function strokeWidth(pixels) {
  let area = 0;
  let outline = 0;
  pixels.forEach((ink, i) => {
    const [x, y] = [i % kSide, Math.floor(i / kSide)];
    area += ink;
    outline += Math.hypot(inkAt(pixels, x + 1, y) - inkAt(pixels, x - 1, y),
      inkAt(pixels, x, y + 1) - inkAt(pixels, x, y - 1)) / 2;
  });
  return 2 * area / outline;
}

/// Filters with 1 2 1 in both directions; a sum, not a mean.
function blur(pixels) {
  const row = (x, y) =>
    inkAt(pixels, x - 1, y) + 2 * inkAt(pixels, x, y) + inkAt(pixels, x + 1, y);
  return pixels.map((_, i) => {
    const [x, y] = [i % kSide, Math.floor(i / kSide)];
    return row(x, y - 1) + 2 * row(x, y) + row(x, y + 1);
  });
}

/// Makes this much ink, and more, white.
function stretch(pixels, white) {
  return Uint8Array.from(pixels, ink => Math.round(255 * Math.min(1, ink / white)));
}
