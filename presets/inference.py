"""Recipes for data without one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.errors import InputError, TrainerError, sanitize
from engine.spec.finding import DataFinding

BAD_INPUT = 2


def infer(
    path: str | os.PathLike[str],
    targets: Sequence[str] = (),
    drop: Sequence[str] = (),
    keep: Sequence[str] = (),
    weight: str | None = None,
) -> DataFinding:
    """Return what is in a data file, and the recipe that follows; see ``engine.data.inference.infer``.

    It is looked at in a process of its own: what reads files takes a quarter of a second to import, and memory.

    Raises:
        InputError: It cannot be read, or nothing can be learned from it.
        TrainerError: That process failed otherwise.
    """
    named = {"target": targets, "drop": drop, "keep": keep, "weight": () if weight is None else (weight,)}
    options = [f"--{option}={name}" for option, names in named.items() for name in names]
    command = [sys.executable, "-P", "-m", "engine.data.inference", *options, "--", os.fspath(Path(path).absolute())]
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env=environment, check=False)
    if done.returncode:
        last = (done.stderr.decode(errors="replace").splitlines() or [f"it ended with status {done.returncode}"])[-1]
        raise (
            InputError(last)
            if done.returncode == BAD_INPUT
            else TrainerError(f"{sanitize(path)}: {sanitize(last, 300)}")
        )
    return DataFinding.model_validate_json(done.stdout)
