'use strict';

// A network of linear layers with ReLU between them, as src/model has it.

/// The layers of a network with these layer sizes: weights [outputs, inputs], row by row, and
/// biases [outputs] of each. `base64` holds the same numbers in that order as float32,
/// little-endian like every machine that has a browser.
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

/// The probability of each digit for the network's input.
function classify(network, input) {
  let values = Float32Array.from(input, intensity => intensity / 255);
  network.forEach((layer, i) => {
    values = linear(layer, i === 0 ? values : relu(values));
  });
  return softmax(values);
}
