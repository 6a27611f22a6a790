#!/usr/bin/env python3
"""Fails if a source includes a header of a module above its own, or a directory is crowded: src/README.md."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
MODULES = ["packaging", "base", "data", "model", "kernels", "sparse", "augment", "train", "picture", "run",
           "report", "terminal", "cli", "commands"]  # the lowest first
WITHOUT_TORCH = {"augment", "base", "cli", "kernels", "picture", "report", "sparse", "terminal"}
PUBLIC = {"base": ("error", "metrics", "options", "progress", "shape"), "data": ("data",), "model": ("model",),
          "train": ("mnist_train", "train")}
MODULE = {f"mnist_train/{name}.h": module for module, names in PUBLIC.items() for name in names}
MOST_FILES = 20

problems = []
for top in (ROOT / "include", ROOT / "src"):
    for file in sorted([*top.rglob("*.h"), *top.rglob("*.cpp")]):
        own = str(file.relative_to(top))
        module = MODULE.get(own, own.split("/")[0])
        includes = re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)', file.read_text(), re.MULTILINE)
        for kind, name in includes:
            other = MODULE.get(name, name.split("/")[0])
            if kind == "<":
                wrong = module in WITHOUT_TORCH and re.match("torch/|ATen/|c10/", name)
            else:
                wrong = (other not in MODULES or MODULES.index(other) > MODULES.index(module) or ".." in name
                         or (top.name == "include" and name not in MODULE))
            if wrong:
                problems.append(f"{file.relative_to(ROOT)}: may not include {name}")
    for directory in sorted(path for path in top.rglob("*") if path.is_dir()):
        count = sum(path.is_file() for path in directory.iterdir())
        if count > MOST_FILES:
            problems.append(f"{directory.relative_to(ROOT)}: holds {count} files, over {MOST_FILES}")
print("\n".join(problems))
sys.exit(bool(problems))
