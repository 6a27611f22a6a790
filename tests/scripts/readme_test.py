#!/usr/bin/env python3
"""Runs what the README and docs tell users to run, in their order, and checks their links, code and error messages.

Each `sh` block is run by bash in one directory, each line after a "$ " as well, and each command of the text or of a
CI recipe that begins with mnist-train: all on the sample but scripts/train.sh. The section "Grids" is run by
grid_test.py, docs/tutorial.cpp by tutorial_test.py. What takes long is shortened.
"""

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support import PROGRAM, ROOT, fenced, section, write_program

ENGLISH = (ROOT / "README.md").read_text()
CHINESE = (ROOT / "README.zh-CN.md").read_text()
PAGES = sorted((ROOT / "docs").glob("*.md"))
RUN = [ROOT / "README.md", *[page for page in PAGES if not page.match("*.zh-CN.md")], ROOT / "data/README.md"]
DOCUMENTS = [*PAGES, *ROOT.glob("*.md"), *(ROOT / "src").glob("**/*.md"), ROOT / "data/README.md",
             ROOT / "bench/README.md"]
SHORTER = {"--trials 50": "--trials 3", "--epochs 30": "--epochs 2", "--min-accuracy 95": "--min-accuracy 5",
           "-- --epochs": "-- --validation 100 --epochs", "-- --recipe": "-- --validation 100 --recipe",
           "/usr/share/mnist-train/sample": "data/sample"}
# Trains for two epochs, whatever is said: of an option given twice the last counts.
SHIM = f"""case $* in
  [!-]* | *data/sample* | --version | --recipe) exec {PROGRAM} "$@" ;;
  *) exec {PROGRAM} "$@" --epochs 2 ;;
esac"""
# The errors under "Troubleshooting", in its order; the first two are those of scripts/dev/test_first_command.sh.
PROVOKED = (
    "mnist-train --data /nowhere",
    "cp -rL data/sample gz && cd gz && gzip train-i* && mv train-images-idx3-ubyte.gz train-images-idx3-ubyte"
    " && mnist-train --data .",
    "cp -rL data/sample cut && truncate -s 100000 cut/train-images* && mnist-train --data cut",
    "mnist-train --out runs/a",
    "mnist-train --out runs/a --resume --lr 0.2",
    "mnist-train --lr 1000",
    "python3 -c 'import zipfile as z; z.ZipFile(\"a.pth\", \"w\").writestr(\"archive/data.pkl\", \"\")'"
    " && mnist-train eval --model a.pth",
    "mnist-train --device cuda",
)


def prose(text):
    """The text without its blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(file):
    """What GitHub lets a link to a heading of the file end with."""
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", prose(file.read_text()), re.MULTILINE)]


def code_lines(text, language):
    """The lines of the blocks of a language, without comments and empty ones."""
    lines = "\n".join(block for found, block in fenced(text) if found == language).splitlines()
    return [line for line in (re.sub(r"\s*(#|//) .*", "", line).strip() for line in lines) if line]


def commands(text):
    """What a reader may type, in the order of the text, as (command, whether it is shown to fail)."""
    if "\n## Grids\n" in text:
        text = text.replace(section(text, "## Grids"), "")
    found = []
    for part in re.split(r"(^```\w*\n.*?^```$\n?)", text, flags=re.MULTILINE | re.DOTALL):
        for language, block in fenced(part):
            if language == "sh" and "docs/tutorial.cpp" not in block:
                found.append((block, False))
            elif language == "yaml":
                found += [(command, False) for command in re.findall(r"- (?:run: )?(mnist-train .*)", block)]
            for command, output in re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", block, re.MULTILINE):
                found.append((command, "error:" in output))
        inline = re.findall(r"`((?:mnist-train|xargs) [^`]+)`", prose(part))
        found += [(command.replace("\n", " "), False) for command in inline]
    return found


class Readme(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Path(cls.enterClassContext(tempfile.TemporaryDirectory())).resolve()
        write_program(cls.work / "bin/mnist-train", SHIM)
        shorter = {"bench.sh": f'exec python3 {ROOT}/bench/compare.py "$@" --help',  # after the other options
                   "train.sh": f'exec {ROOT}/scripts/train.sh --epochs 1 "$@"'}
        for script in (ROOT / "scripts").glob("*.sh"):  # which finds the project from where it is
            write_program(cls.work / "scripts" / script.name, shorter.get(script.name, f'exec {script} "$@"'))
        for script in (ROOT / "scripts").glob("*.py"):
            (cls.work / "scripts" / script.name).symlink_to(script)
        (cls.work / "build").symlink_to(ROOT / "build")
        for name in ("data/sample", "data/MNIST/raw"):
            (cls.work / name).parent.mkdir(parents=True, exist_ok=True)
            (cls.work / name).symlink_to(ROOT / "data/sample")
        (cls.work / "data/FashionMNIST").symlink_to(ROOT / "data/FashionMNIST")  # where it has been fetched
        (cls.work / "note.txt").write_text("not an image\n")
        cls.environment = {**os.environ, "HOME": str(cls.work), "PATH": f"{cls.work}/bin:{os.environ['PATH']}"}
        for name in ("CMAKE_PREFIX_PATH", "MNIST_DATA_DIR", "MNIST_TRAIN"):
            cls.environment.pop(name, None)

    def bash(self, command):
        return subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=self.work, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, env=self.environment)

    def test_commands_run(self):
        done = set()
        for document in RUN:
            for command, fails in commands(document.read_text()):
                for long, short in SHORTER.items():
                    command = command.replace(long, short)
                if command in done or ("fashion" in command and not (ROOT / "data/FashionMNIST").exists()):
                    continue
                done.add(command)
                with self.subTest(document.name, command=command):
                    result = self.bash(command)
                    output = result.stdout[-2000:] + result.stderr[-2000:]
                    self.assertEqual(result.returncode, 3 if fails else 0, output)

    def test_errors_are_those_of_troubleshooting(self):
        messages = re.findall(r"^\| `(.*?)` \|", section(ENGLISH, "## Troubleshooting"), re.MULTILINE)[2:]
        self.assertEqual(len(messages), len(PROVOKED))
        self.bash("mnist-train --out runs/a --resume")
        for message, command in zip(messages, PROVOKED):
            with self.subTest(command):
                errors = self.bash(command).stderr
                for part in message.split("..."):
                    self.assertIn(part.strip(), errors)

    def test_python_reads_the_weights(self):
        [block] = [text for language, text in fenced((ROOT / "docs/automation.md").read_text()) if language == "python"]
        if not importlib.util.find_spec("safetensors"):
            self.skipTest("no safetensors for Python")
        self.bash("mnist-train --out runs/a --resume")
        subprocess.run([sys.executable, "-c", block], cwd=self.work, check=True)

    def test_code_is_that_of_the_consumer(self):  # which Install.library compiles and runs
        consumer = (ROOT / "tests/consumer/main.cpp").read_text()
        for line in code_lines(ENGLISH, "cpp"):
            self.assertIn(line, consumer)

    def test_options_exist(self):
        text = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
        for option in re.findall(r"`(--[\w-]+) ", section(ENGLISH, "## Options")):
            self.assertRegex(text, rf"  {option}\b")

    def test_chinese_has_the_same_commands(self):
        self.assertLessEqual(set(code_lines(CHINESE, "sh")), set(code_lines(ENGLISH, "sh")))

    def test_links_and_scripts_are_there(self):
        for file in DOCUMENTS:
            text = file.read_text()
            for script in re.findall(r"(?<![\w/])scripts/[\w/-]+(?:\.[\w-]+)*", text):
                self.assertTrue((ROOT / script).exists(), f"{file}: {script}")
            for link in re.findall(r"(?:\]\(|src=\")(?!http)([^)\"]+)", prose(text)):
                name, _, heading = link.partition("#")
                target = file.parent / name if name else file
                self.assertTrue(target.exists(), f"{file}: {link}")
                if heading:
                    self.assertIn(heading, anchors(target), file)


if __name__ == "__main__":
    unittest.main()
