#!/usr/bin/env python3
"""Runs docs/tutorial.cpp for one epoch on MNIST, and finds the C++ of both pages of the tutorial in it.

    TUTORIAL=build/release/tests/tutorial tutorial_test.py
"""

import json
import os
import re
import subprocess
import unittest
from support import PROGRAM, ROOT, fenced

DATA = ROOT / "data/MNIST/raw"
PAGES = [ROOT / "docs" / name for name in ("tutorial.md", "tutorial.zh-CN.md")]
SOURCE = (ROOT / "docs/tutorial.cpp").read_text()
OUTPUT = re.compile(r"""^\[20, 1, 28, 28\] \[20\]
(?:[ .:*#]{28}\n){14}Label: 5

NetImpl\(
(?:  \(fc\d\): torch::nn::Linear\(.*\)\n){3}\)

(?:Epoch: \d+ \tTraining Loss: \d\.\d{6}\n)+Test Loss: \d\.\d{6}

(?:Test Accuracy of     \d: +\d+% \(\d+/\d+\)\n){10}
Test Accuracy \(Overall\): \d+\.\d% \(\d+/10000\)
$""")


def run(*command):
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=one_thread).stdout


class Tutorial(unittest.TestCase):
    def test_output(self):
        output = run(os.environ["TUTORIAL"], "1", DATA)
        self.assertRegex(output, OUTPUT)
        correct, total = zip(*re.findall(r"\((\d+)/(\d+)\)", output))
        self.assertEqual(sum(map(int, total[:10])), 10000)
        self.assertEqual(sum(map(int, correct[:10])), int(correct[10]))
        self.assertGreater(int(correct[10]), 8800)  # 8963 with LibTorch 1.13

        result = json.loads(run(PROGRAM, "--quiet", "--json", "--engine", "autograd", "--epochs", "1", "--data", DATA))
        self.assertIn(f"Training Loss: {result['train_loss']:.6f}\n", output)

    def test_pages_show_the_program_and_its_output(self):
        lines = "\n".join(line.strip() for line in SOURCE.splitlines())
        for page in PAGES:
            text = page.read_text()
            blocks = [block for language, block in fenced(text) if language == "cpp"]
            cells = re.findall(r"^\| `.*` \| `(.*)` \|$", text, re.MULTILINE)
            self.assertGreater(min(len(blocks), len(cells)), 5)
            for part in blocks + cells:
                with self.subTest(page.name, part=part):
                    self.assertIn("\n".join(line.strip() for line in part.splitlines()), lines)
            [shown] = [block for _, block in fenced(text) if block.startswith("[20, 1, 28, 28]")]
            self.assertRegex(shown.replace("...\n", ""), OUTPUT, page.name)


if __name__ == "__main__":
    unittest.main()
