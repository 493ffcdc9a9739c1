"""Recipes for data without one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
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
    *,
    meanwhile: Callable[[], object] = lambda: None,
) -> DataFinding:
    """Return what is in a data file, and the recipe that follows; see ``engine.data.inference.infer``.

    It is looked at in a process of its own: what reads files takes a quarter of a second to import, and memory.

    Args:
        path: The file or folder.
        targets: The columns to predict.
        drop: Columns to leave out.
        keep: Columns to take in though they seem to tell nothing.
        weight: The column of how much each row counts in the loss.
        meanwhile: Called once that process is at work.

    Raises:
        InputError: It cannot be read, or nothing can be learned from it.
        TrainerError: That process failed otherwise.
    """
    named = {"target": targets, "drop": drop, "keep": keep, "weight": () if weight is None else (weight,)}
    options = [f"--{option}={name}" for option, names in named.items() for name in names]
    command = [sys.executable, "-P", "-m", "engine.data.inference", *options, "--", os.fspath(Path(path).absolute())]
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        try:
            meanwhile()
            found, complaint = process.communicate()
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        last = (complaint.decode(errors="replace").splitlines() or [f"it ended with status {process.returncode}"])[-1]
        raise (
            InputError(last)
            if process.returncode == BAD_INPUT
            else TrainerError(f"{sanitize(path)}: {sanitize(last, 300)}")
        )
    return DataFinding.model_validate_json(found)
