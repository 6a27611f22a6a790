'use strict';

// The page: takes the strokes of mouse, finger and pen, and shows at once what the network makes of
// them. body[data-state] says how far it is: "empty", "busy" (to be read in the next frame) or "read".

const kStroke = 33;  // of the pad's 420 pixels: a digit that fills most of it has MNIST's strokes

const element = id => document.getElementById(id);
const pad = element('pad');
const ink = pad.getContext('2d', { alpha: false, willReadFrequently: true });
const seen = element('seen').getContext('2d', { willReadFrequently: true });
const bars = Array.from({ length: 10 }, (_, digit) => makeBar(digit));
const network = loadNetwork(element('network').dataset.sizes.split(' ').map(Number),
  element('network').textContent);
const strokes = new Map();  // the last point of each pointer that is down

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

function line(from, to) {
  ink.beginPath();
  ink.moveTo(from.x, from.y);
  ink.lineTo(to.x + 0.01, to.y);  // a line of no length at all would leave no dot
  ink.stroke();
}

function begin(event) {
  if (event.button !== 0) return;
  event.preventDefault();
  pad.setPointerCapture(event.pointerId);
  const point = pointOf(event);
  strokes.set(event.pointerId, point);
  line(point, point);
  changed();
}

function go(event) {
  if (!strokes.has(event.pointerId)) return;
  // The browser hands out one event a frame; a fast stroke has more points than that.
  const events = event.getCoalescedEvents?.() ?? [];
  for (const each of events.length ? events : [event]) {
    const point = pointOf(each);
    line(strokes.get(event.pointerId), point);
    strokes.set(event.pointerId, point);
  }
  changed();
}

function end(event) {
  if (strokes.delete(event.pointerId) && strokes.size === 0) speak();
}

function clear() {
  ink.fillRect(0, 0, pad.width, pad.height);
  strokes.clear();
  update();
}

// Reading, at most once a frame.

function changed() {
  if (document.body.dataset.state === 'busy') return;
  document.body.dataset.state = 'busy';
  requestAnimationFrame(update);
}

/// The image that the network sees, and the probability of each digit; null if nothing is drawn.
function readPad() {
  const { data } = ink.getImageData(0, 0, pad.width, pad.height);
  const pixels = new Uint8Array(pad.width * pad.height);
  for (let i = 0; i < pixels.length; ++i) pixels[i] = data[4 * i];  // red, green and blue are the same
  const image = prepareDigit({ width: pad.width, height: pad.height, pixels });
  return image && { image, probabilities: classify(network, image) };
}

function update() {
  const reading = readPad();
  if (reading) {
    show(reading);
  } else {
    showNothing();
  }
}

// Showing

function show({ image, probabilities }) {
  const digit = probabilities.indexOf(Math.max(...probabilities));
  element('prediction').textContent = digit;
  element('sure').textContent = percent(probabilities[digit]);
  showBars(probabilities, digit);
  showSeen(image.pixels);
  document.body.dataset.state = 'read';
  if (strokes.size === 0) speak();
}

function showNothing() {
  document.body.dataset.state = 'empty';
  element('prediction').textContent = '';
  element('sure').textContent = '';
  element('spoken').textContent = '';
  showBars(Array(10).fill(0), -1);
  showSeen(new Uint8Array(kSide * kSide));
}

function showBars(probabilities, best) {
  bars.forEach(({ row, bar, value }, digit) => {
    row.classList.toggle('best', digit === best);
    bar.style.transform = `translateX(${100 * probabilities[digit] - 100}%)`;
    value.textContent = best < 0 ? '' : percent(probabilities[digit]);
  });
}

function showSeen(pixels) {
  const image = seen.createImageData(kSide, kSide);
  pixels.forEach((shade, i) => image.data.set([shade, shade, shade, 255], 4 * i));
  seen.putImageData(image, 0, 0);
}

// A screen reader is told only what stands when the pen is up, not every prediction on the way.
function speak() {
  if (document.body.dataset.state !== 'read') return;
  const text = `It is a ${element('prediction').textContent}, ${element('sure').textContent} sure`;
  if (element('spoken').textContent !== text) element('spoken').textContent = text;
}

ink.lineWidth = kStroke;
ink.lineCap = ink.lineJoin = 'round';
ink.strokeStyle = '#fff';
ink.fillStyle = '#000';
pad.addEventListener('pointerdown', begin);
pad.addEventListener('pointermove', go);
pad.addEventListener('pointerup', end);
pad.addEventListener('pointercancel', end);
element('clear').addEventListener('click', clear);
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape' || event.key === 'c') clear();
});
clear();
