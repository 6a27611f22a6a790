"""Reads a model.safetensors with nothing of ours and tests it on a directory's t10k files.

Usage: read_model.py MODEL DATA_DIR. Prints JSON: the loss and the confusion matrix.
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np


def read_model(path):
    data = Path(path).read_bytes()
    (size,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32"
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[8 + size + begin : 8 + size + end], "<f4")
        tensors[name] = values.reshape(entry["shape"])
    return metadata, tensors


def logits(tensors, images):
    layers = len(tensors) // 2
    for layer in range(1, layers + 1):
        images = images @ tensors[f"fc{layer}.weight"].T + tensors[f"fc{layer}.bias"]
        if layer < layers:
            images = np.maximum(images, 0)
    return images.astype(np.float64)


def main():
    directory = Path(sys.argv[2])
    metadata, tensors = read_model(sys.argv[1])
    widths = [tensors[f"fc{layer}.bias"].size for layer in range(1, len(tensors) // 2)]
    assert metadata["hidden"] == ",".join(map(str, widths))

    pixels = np.fromfile(directory / "t10k-images-idx3-ubyte", np.uint8)[16:].reshape(-1, 784)
    labels = np.fromfile(directory / "t10k-labels-idx1-ubyte", np.uint8)[8:]
    scores = logits(tensors, pixels.astype(np.float32) / np.float32(255))
    scores -= scores.max(axis=1, keepdims=True)
    losses = np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(labels.size), labels]
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (labels, scores.argmax(axis=1)), 1)
    print(json.dumps({"loss": losses.mean(), "confusion": confusion.tolist()}))


main()
