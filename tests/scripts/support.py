"""What the tests of the scripts and of the documents share."""

import os
import re
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.path.abspath(os.environ.get("MNIST_TRAIN_PROGRAM", ROOT / "build/release/mnist-train"))
PATIENCE = 300  # seconds; only what never comes waits that long


def wait_until(is_so, otherwise):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise)
        time.sleep(0.02)


def write_program(file, text):
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    file.write_text(f"#!/bin/bash\n{text}\n")
    file.chmod(0o755)


def fenced(text):
    """The blocks between ``` as (language, text), in order."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def section(text, heading):
    return re.search(rf"^{heading}$.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[0]
