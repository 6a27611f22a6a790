#!/usr/bin/python3
"""One epoch of the same network and optimizer by scikit-learn's MLPClassifier, timed.

Debian and Ubuntu: apt-get install python3-sklearn, run with the system's python3.
"""

import os
import sys
import time
import warnings
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

directory = Path(sys.argv[1])
images = np.fromfile(directory / "train-images-idx3-ubyte", dtype=np.uint8, offset=16)
labels = np.fromfile(directory / "train-labels-idx1-ubyte", dtype=np.uint8, offset=8)
images = images.reshape(len(labels), -1).astype(np.float32) / 255

classifier = MLPClassifier(
    (256, 256), solver="sgd", alpha=0.0, batch_size=20, learning_rate_init=0.01, max_iter=1,
    shuffle=False, momentum=0.0, random_state=1,
)
warnings.simplefilter("ignore", ConvergenceWarning)
start = time.perf_counter()
classifier.fit(images, labels)
print(f"epoch 1/1  loss {classifier.loss_:.6f}  {time.perf_counter() - start:.2f} s")
