#!/usr/bin/env python3
"""Runs what the READMEs tell users to run, in their order, and compares their texts with the program.

    readme_test.py PROGRAM [unittest options]

Each `sh` block is run by bash in one work folder, each line after a "$ " as well, and each command of the
text that begins with mnist-train, all on the sample but scripts/train.sh. The section "Grids" is run by
grid_test.py. What takes long in full is shortened (SHORTER); ELSEWHERE says which other tests run the rest.
scripts/bench.sh only reads its options.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENGLISH = (ROOT / "README.md").read_text()
READMES = [ROOT / folder / "README.md" for folder in (".", "bench", "scripts/sweep")]
CHINESE = [readme.with_name("README.zh-CN.md") for readme in READMES]
DOCUMENTS = [*READMES, *CHINESE, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "data/README.md",
             *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "src").glob("**/README.md"))]
SHORTER = {"--trials 50": "--trials 3", "--epochs 30": "--epochs 2",
           "--min-accuracy 95": "--min-accuracy 5",
           "-- --epochs": "-- --validation 100 --epochs", "-- --recipe": "-- --validation 100 --recipe",
           "/opt/libtorch scripts/train.sh": "/usr scripts/train.sh --epochs 1"}
ELSEWHERE = {
    "scripts/test.sh": "tests/CMakeLists.txt",  # it runs this test
    "sudo apt-get install": "scripts/dev/test_deb.sh",
}
# Trains for two epochs, whatever is said: of an option given twice the last counts.
SHIM = """case $* in
  [!-]* | *data/sample* | --version | --recipe) exec {program} "$@" ;;
  *) exec {program} "$@" --epochs 2 ;;
esac"""
program = None  # mnist-train, set by main


def fenced(text):
    """The blocks between ``` as (language, text), in order."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def without(text, heading):
    """The text without the section of this heading."""
    level = heading.split()[0]
    return re.sub(rf"^{heading}$.*?(?=^#{{1,{len(level)}}} |\Z)", "", text, flags=re.MULTILINE | re.DOTALL)


def prose(text):
    """The text without its blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(file):
    """What GitHub lets a link to a heading of the file end with."""
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", prose(file.read_text()), re.MULTILINE)]


def inline_commands(text):
    return [command.replace("\n", " ") for command in re.findall(r"`(mnist-train [^`]+)`", prose(text))]


def commands(text):
    """What a reader may type, in the order of the text: (where, bash, whether it may fail)."""
    found = []
    for part in re.split(r"(^```\w*\n.*?^```$\n?)", text, flags=re.MULTILINE | re.DOTALL):
        blocks = fenced(part)
        if not blocks:
            found += [("text", command, False) for command in inline_commands(part)]
            continue
        [(language, block)] = blocks
        if language == "sh":
            found.append(("block", block, False))
        for command in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
            found.append(("transcript", command, "error:" in block))
    return found


def commands_of_readmes():
    return [command for readme in READMES for command in commands(without(readme.read_text(), "## Grids"))]


class Readme(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="mnist-readme-")
        cls.addClassCleanup(folder.cleanup)
        cls.work = Path(folder.name).resolve()
        cls.write_script("bin/mnist-train", SHIM.format(program=program))
        (cls.work / "scripts").mkdir()
        for script in (ROOT / "scripts").iterdir():
            if script.name == "bench.sh":  # measuring takes long, and --help comes after the other options
                cls.write_script("scripts/bench.sh", f'exec python3 {ROOT}/bench/compare.py "$@" --help')
            elif script.suffix == ".sh":  # which finds the project from where it is
                cls.write_script(f"scripts/{script.name}", f'exec {script} "$@"')
            elif script.is_file():
                (cls.work / "scripts" / script.name).symlink_to(script)
        (cls.work / "build").symlink_to(ROOT / "build")
        for name in ("data/sample", "data/MNIST/raw"):
            (cls.work / name).parent.mkdir(parents=True, exist_ok=True)
            (cls.work / name).symlink_to(ROOT / "data/sample")
        (cls.work / "data/FashionMNIST").symlink_to(ROOT / "data/FashionMNIST")  # where it has been fetched
        shutil.copy(ROOT / "tests/fuzz/seeds/picture_file/gray.png", cls.work / "seven.png")
        (cls.work / "note.txt").write_text("not an image\n")
        cls.environment = {**os.environ, "HOME": str(cls.work), "PATH": f"{cls.work}/bin:{os.environ['PATH']}"}
        for name in ("CMAKE_PREFIX_PATH", "MNIST_DATA_DIR", "MNIST_TRAIN"):
            cls.environment.pop(name, None)

    @classmethod
    def write_script(cls, name, text):
        file = cls.work / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)

    def bash(self, command):
        return subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=self.work, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, env=self.environment)

    def test_exceptions_are_needed(self):
        lines = "\n".join(command for _, command, _ in commands_of_readmes()).splitlines()
        for start, test in ELSEWHERE.items():
            with self.subTest(start):
                self.assertTrue(any(line.startswith(start) for line in lines))
                self.assertTrue((ROOT / test).exists(), test)
        for long in SHORTER:
            with self.subTest(long):
                self.assertTrue(any(long in line for line in lines))

    def test_commands_run(self):
        for where, command, may_fail in commands_of_readmes():
            lines = [line for line in command.splitlines() if not line.startswith(tuple(ELSEWHERE))]
            command = "\n".join(lines).strip()
            for long, short in SHORTER.items():
                command = command.replace(long, short)
            if not command or ("fashion" in command and not (ROOT / "data/FashionMNIST").exists()):
                continue
            with self.subTest(where, command=command):
                done = self.bash(command)
                expected = 3 if may_fail else 0
                self.assertEqual(done.returncode, expected, done.stdout[-2000:] + done.stderr[-2000:])

    def test_python_reads_the_weights(self):
        [block] = [text for language, text in fenced(ENGLISH) if language == "python"]
        try:
            import safetensors.torch  # noqa: F401
        except ImportError:
            self.skipTest("no safetensors for Python")
        folder = self.work / "python"
        folder.mkdir()
        subprocess.run([program, "--quiet", "--data", str(ROOT / "data/sample"), "--epochs", "1", "--out", "runs/a"],
                       cwd=folder, check=True, capture_output=True)
        subprocess.run([sys.executable, "-c", block], cwd=folder, check=True)

    def test_scripts_are_there(self):
        for file in DOCUMENTS:
            for script in set(re.findall(r"\bscripts/[\w/-]+(?:\.[\w-]+)*", file.read_text())):
                with self.subTest(str(file), script=script):
                    self.assertTrue((ROOT / script).exists())

    def test_options_are_those_of_help(self):
        [listed] = [text for _, text in fenced(ENGLISH) if text.startswith("--data DIR")]
        text = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
        shown = [line for line in text.split("Subcommands:")[0].splitlines() if line.startswith("  ")]
        self.assertEqual([line.split() for line in listed.splitlines()], [line.split() for line in shown])

    def test_chinese_has_the_same_blocks(self):
        def without_comments(text):
            return [(language, re.sub(r" +(#|//).*", "", block)) for language, block in fenced(text)]

        for english, chinese in zip(READMES, CHINESE):
            with self.subTest(str(chinese)):
                self.assertEqual(without_comments(chinese.read_text()), without_comments(english.read_text()))

    def test_links_lead_somewhere(self):
        for file in DOCUMENTS:
            for link in re.findall(r"(?:\]\(|src=\")([^)\"]+)", prose(file.read_text())):
                if link.startswith("http"):
                    continue
                name, _, heading = link.partition("#")
                target = file.parent / name if name else file
                with self.subTest(str(file), link=link):
                    self.assertTrue(target.exists())
                    if heading:
                        self.assertIn(heading, anchors(target))


if __name__ == "__main__":
    program = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()
