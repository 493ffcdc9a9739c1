"""Every preset of the library, trained, exported, and run as a user does who has nothing but the program's library.

    python -m tests.engine.export.library torch /path/to/a/python/that/has/torch [PRESET …]

Each program stands alone in a directory of its own and is run there both ways. It is to answer as the run did, and to
train; the learning itself is held against the run's by ``elsewhere`` and ``test_numpy_program``, with small recipes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import presets
from tests.engine.export.runs import difference, exported, trained

MOST_EPOCHS = 5
"""Of each preset, which are enough to move every weight."""
TOLERANCE = 1e-5
"""Against the largest answer: half of the digits of single precision are lost in a few hundred products."""


def main() -> int:
    """Print a line a preset: what ``main.py`` says, and the last line of ``main.py --train``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("to", choices=["numpy", "sklearn", "torch", "keras"])
    parser.add_argument("python", help="a Python that has the library")
    parser.add_argument("presets", nargs="*", metavar="PRESET", help="default: all")
    options = parser.parse_args()
    failed = []
    for name in options.presets or presets.names():
        with tempfile.TemporaryDirectory() as place:
            said, is_right = _tried(name, options.to, options.python, Path(place))
        print(f"{'' if is_right else 'FAILED '}{name:26} {said}", flush=True)  # noqa: T201
        failed += [] if is_right else [name]
    return int(bool(failed))


def _tried(name: str, to: str, python: str, place: Path) -> tuple[str, bool]:
    os.environ["TUI_TRAINER_HOME"] = str(place / "home")
    recipe = presets.load(name)
    epochs = min(recipe.training.epochs, MOST_EPOCHS)
    run, _ = trained(presets.load(name, set={"training.epochs": epochs}))
    exported(run, to, place / "alone")
    outputs = []
    for arguments in ([], ["--train"]):
        done = _run(python, arguments, place / "alone")
        if done.returncode:
            return json.dumps(done.stderr.strip().splitlines()[-1:]), False
        outputs.append(done.stdout.strip())
    answers = np.abs(np.load(place / "alone/data.npz")["answers"]).max()
    differs = difference(outputs[0])
    last = outputs[1].splitlines()[-1]
    return f"{differs:.1e}  {last}", bool(differs <= TOLERANCE * max(1.0, answers)) and "nan" not in last.lower()


def _run(python: str, arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the program with nothing of ours in sight, and no variable but those that a shell must have."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "OMP_NUM_THREADS") if name in os.environ}
    command = [python, "-I", "main.py", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
