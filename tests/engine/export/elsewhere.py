"""Exported programs, run by a Python that has their library: do they come to what the run came to?

    python -m tests.engine.export.elsewhere torch /path/to/a/python/that/has/torch

Every recipe of ``test_numpy_program`` gets fixed first weights and takes its rows as they stand, so that PyTorch and
Keras have nothing to draw: trained anew, their answers are to be the run's. What differs by more than ``TOLERANCE`` is
printed with what the program itself says that it does otherwise. Beside them stand recipes with dropout and shuffling,
which are only to run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from engine.spec import Spec, override
from engine.training.trainer import Trainer
from tests.engine.export.runs import exported, trained
from tests.engine.export.test_numpy_program import EXACT
from tests.engine.training.recipes import THREE_CLASSES, VALUES, recipe

TOLERANCE = 1e-5
RANDOM = {
    **{f"dropout by {mask}": recipe(network__dropout_mask=mask) for mask in ("example", "step", "epoch")},
    "shuffled": recipe(THREE_CLASSES),
    "single precision": recipe(VALUES, training__dtype="float32"),
}
DRIVER = """
import json, runpy, sys, traceback
import numpy as np
for folder in sys.argv[1:]:
    said = {"folder": folder}
    if "torch" in sys.modules and "keras" not in sys.modules:
        sys.modules["torch"].set_default_dtype(sys.modules["torch"].float32)  # each as if it were the only one
    if "keras" in sys.modules:
        sys.modules["keras"].config.set_floatx("float32")
    try:
        program = runpy.run_path(folder + "/main.py")
        program["train"]()
        data = np.load(folder + "/data.npz")
        answers = np.asarray(program["predict"](data["X"]))
        said["difference"] = float(np.abs(answers - data["answers"]).max())
    except Exception:
        said["error"] = traceback.format_exc().strip().splitlines()[-1]
    print("RESULT " + json.dumps(said), flush=True)
"""


def with_fixed_start(spec: Spec) -> Spec:
    """Return a recipe that begins with the very weights that it would draw, and takes its rows in their order."""
    layers = Trainer(spec).layers
    start: dict[str, Any] = {
        "network.weights": [layer.weights.tolist() for layer in layers],
        "network.biases": [layer.bias.tolist() for layer in layers],
        "training.shuffle": False,
    }
    return override(spec, start)


def main() -> int:
    """Export, run, print a line a recipe; the status says whether a difference is left that no remark explains."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", choices=["torch", "keras"])
    parser.add_argument("python", help="a Python that has the library")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.environ["TUI_TRAINER_HOME"] = f"{place}/home"
        remarks = {name: _export(arguments.library, spec, Path(place) / name) for name, spec in _recipes().items()}
        folders = [str(Path(place) / name) for name in remarks]
        _run_alone(arguments.python, Path(folders[0]))
        command = [arguments.python, "-I", "-c", DRIVER, *folders]
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
        results = [json.loads(line[7:]) for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        if len(results) != len(folders):
            sys.stderr.write(done.stderr)
    return max([int(len(results) != len(folders)), *(_report(result, remarks) for result in results)])


def _recipes() -> dict[str, Spec]:
    return {name.replace(" ", "-"): with_fixed_start(spec) for name, spec in EXACT.items()} | {
        name.replace(" ", "-"): spec for name, spec in RANDOM.items()
    }


def _export(library: str, spec: Spec, folder: Path) -> tuple[str, ...]:
    run, _ = trained(spec, name=f"run-{abs(hash(folder.name))}")
    return exported(run, library, folder)


def _run_alone(python: str, folder: Path) -> None:
    """Run one of them as a user does: both ways, in its own directory, with nothing of ours in sight."""
    for arguments in ([], ["--train"]):
        subprocess.run([python, "-I", "main.py", *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _report(result: dict[str, Any], remarks: dict[str, tuple[str, ...]]) -> int:
    name = Path(result["folder"]).name
    if "error" in result:
        print(f"{name:32} FAILED  {result['error']}")  # noqa: T201
        return 1
    said = [remark for remark in remarks[name] if not remark.startswith("random numbers")]
    if name in {each.replace(" ", "-") for each in RANDOM}:
        print(f"{name:32} ran")  # noqa: T201
        return 0
    differs = not result["difference"] <= TOLERANCE
    print(f"{name:32} {result['difference']:.1e}  {'; '.join(said) if differs else ''}")  # noqa: T201
    return int(differs and not said)


if __name__ == "__main__":
    sys.exit(main())
