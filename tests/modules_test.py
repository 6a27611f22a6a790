#!/usr/bin/env python3
"""Fails if a source includes a header of a wing above its own, or a folder is crowded: src/README.md.

    modules_test.py [ROOT]
"""

import re
import sys
from pathlib import Path

ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent)
LEAVES = {wing: {"base"} for wing in ("cli", "data", "draw", "image", "kernels", "model")}
LEAVES["digit"] = {"base", "image"}
LEAVES["sparse"] = {"base", "kernels"}
LEAVES["augment"] = {"base", "kernels", "sparse"}
TRAIN = {"augment", "base", "data", "kernels", "model", "sparse"}
SHOWN = {"base", "image", "model", "run", "train"}
PAGES = {wing: SHOWN for wing in ("report", "terminal")}
ALLOWED = {"base": set(), "packaging": {"base"}, **LEAVES, "train": TRAIN, "run": TRAIN | {"image", "train"}, **PAGES}
ALLOWED["commands"] = set(ALLOWED)
PUBLIC = {"base": ("error", "metrics", "options", "shape"), "data": ("data",),
          "model": ("model", "model_file"),
          "train": ("engine", "evaluation", "progress", "trainer")}
WING = {f"mnist_train/{name}.h": wing for wing, names in PUBLIC.items() for name in names}
WITHOUT_TORCH = {"augment", "base", "cli", "digit", "draw", "image", "kernels", "sparse"}
MOST_FILES = 16

problems = []
for top in (ROOT / "include", ROOT / "src"):
    for file in sorted([*top.rglob("*.h"), *top.rglob("*.cpp*")]):
        own = str(file.relative_to(top))
        wing = WING.get(own, own.split("/")[0])
        includes = re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)', file.read_text(), re.MULTILINE)
        for kind, name in includes:
            other = WING.get(name, name.split("/")[0])
            if kind == "<":
                wrong = wing in WITHOUT_TORCH and re.match("torch/|ATen/|c10/", name)
            else:
                wrong = (other not in {wing} | ALLOWED.get(wing, set()) or ".." in name
                         or (top.name == "include" and name not in WING))
            if wrong:
                problems.append(f"{file.relative_to(ROOT)}: may not include {name}")
    for folder in sorted(path for path in top.rglob("*") if path.is_dir()):
        count = sum(path.is_file() for path in folder.iterdir())
        if count > MOST_FILES:
            problems.append(f"{folder.relative_to(ROOT)}: holds {count} files, over {MOST_FILES}")
print("\n".join(problems))
sys.exit(bool(problems))
