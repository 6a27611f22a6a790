'use strict';

// The page: takes the strokes of mouse, finger and pen, and shows the prediction as they are drawn.
// body[data-state] is "empty", "busy" (to be classified in the next frame) or "read".

const kStroke = 33;  // of the pad's 420 pixels: a digit that fills most of it has MNIST's strokes

const element = id => document.getElementById(id);
const pad = element('pad');
const ink = pad.getContext('2d', { alpha: false, willReadFrequently: true });
const inputView = element('input').getContext('2d', { willReadFrequently: true });
const bars = Array.from({ length: 10 }, (_, digit) => makeBar(digit));
const network = loadNetwork(element('network').dataset.sizes.split(' ').map(Number),
  element('network').textContent);
const strokes = [];      // each a list of points
const pens = new Map();  // the stroke of each pointer that is down
const kNothing = { input: new Uint8Array(kSide * kSide), probabilities: [], lowConfidence: [] };

function makeBar(digit) {
  const row = document.createElement('li');
  row.innerHTML = '<span></span><span class="track"><div class="bar"></div></span><span class="value"></span>';
  row.firstChild.textContent = digit;
  element('bars').append(row);
  return { row, bar: row.querySelector('.bar'), value: row.querySelector('.value') };
}

function percent(probability) {
  return (100 * probability).toFixed(1) + ' %';
}

// Drawing

function pointOf(event) {
  const box = pad.getBoundingClientRect();
  return {
    x: (event.clientX - box.left) * pad.width / box.width,
    y: (event.clientY - box.top) * pad.height / box.height,
  };
}

/// Draws the part of a stroke that ends at its point i.
function drawTo(stroke, i) {
  const from = stroke[Math.max(0, i - 1)];
  ink.beginPath();
  ink.moveTo(from.x, from.y);
  ink.lineTo(stroke[i].x + 0.01, stroke[i].y);  // a line of no length at all would leave no dot
  ink.stroke();
}

function addPoint(stroke, event) {
  drawTo(stroke, stroke.push(pointOf(event)) - 1);
}

function begin(event) {
  if (event.button !== 0) return;
  event.preventDefault();
  pad.setPointerCapture(event.pointerId);
  const stroke = [];
  strokes.push(stroke);
  pens.set(event.pointerId, stroke);
  addPoint(stroke, event);
  changed();
}

function move(event) {
  const stroke = pens.get(event.pointerId);
  if (!stroke) return;
  // The browser hands out one event a frame; a fast stroke has more points than that.
  const events = event.getCoalescedEvents?.() ?? [];
  for (const each of events.length ? events : [event]) addPoint(stroke, each);
  changed();
}

function end(event) {
  if (pens.delete(event.pointerId)) changed();
}

function redraw() {
  pens.clear();
  ink.fillRect(0, 0, pad.width, pad.height);
  strokes.forEach(stroke => stroke.forEach((_, i) => drawTo(stroke, i)));
  update();
}

function undo() {
  strokes.pop();
  redraw();
}

function clear() {
  strokes.length = 0;
  redraw();
}

// Classifying, at most once a frame

function changed() {
  if (document.body.dataset.state === 'busy') return;
  document.body.dataset.state = 'busy';
  requestAnimationFrame(update);
}

function readPad() {
  const { width, height, data } = ink.getImageData(0, 0, pad.width, pad.height);
  const pixels = new Float32Array(width * height).map((_, i) => data[4 * i] / 255);
  return readDigit(network, { width, height, pixels });
}

function update() {
  const reading = readPad();
  document.body.dataset.state = reading ? 'read' : 'empty';
  show(reading ?? kNothing);
  if (pens.size === 0) speak();
}

// Showing

function show({ input, probabilities, lowConfidence }) {
  const best = probabilities.indexOf(Math.max(...probabilities));  // -1 of none
  element('prediction').textContent = best < 0 ? '' : best;
  element('probability').textContent = best < 0 ? '' : percent(probabilities[best]);
  element('confidence').textContent =
    lowConfidence.length > 0 ? 'low confidence: ' + lowConfidence.join(', ') : '';
  bars.forEach(({ row, bar, value }, digit) => {
    row.classList.toggle('best', digit === best);
    bar.style.transform = `translateX(${101 * (probabilities[digit] ?? 0) - 101}%)`;
    value.textContent = best < 0 ? '' : percent(probabilities[digit]);
  });
  showInput(input);
}

function showInput(pixels) {
  const image = inputView.createImageData(kSide, kSide);
  pixels.forEach((intensity, i) => image.data.set([intensity, intensity, intensity, 255], 4 * i));
  inputView.putImageData(image, 0, 0);
}

// A screen reader is told only what stands when the pen is up, not every prediction on the way.
function speak() {
  const parts = ['prediction', 'probability', 'confidence'].map(name => element(name).textContent);
  const text = parts[0] && 'Prediction: ' + parts.filter(part => part).join(', ');
  if (element('spoken').textContent !== text) element('spoken').textContent = text;
}

ink.lineWidth = kStroke;
ink.lineCap = ink.lineJoin = 'round';
ink.strokeStyle = '#fff';
ink.fillStyle = '#000';
pad.addEventListener('pointerdown', begin);
pad.addEventListener('pointermove', move);
pad.addEventListener('pointerup', end);
pad.addEventListener('pointercancel', end);
element('undo').addEventListener('click', undo);
element('clear').addEventListener('click', clear);
document.addEventListener('keydown', event => {
  if (event.altKey || event.shiftKey) return;
  const key = event.key.toLowerCase();  // with Caps Lock, too
  if (event.ctrlKey || event.metaKey) {
    if (key === 'z') undo();
  } else if (key === 'escape' || key === 'c') {
    clear();
  }
});
clear();
