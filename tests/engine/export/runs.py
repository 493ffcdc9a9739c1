"""Runs to export, made in process, and their programs, run."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from engine.export.folder import write_folder
from engine.export.programs import PROGRAMS
from engine.export.subject import subject
from engine.spec import Spec
from engine.store.runs import Run, RunStore
from engine.training.trainer import Trainer
from engine.worker.facts import data_facts


def trained(
    spec: Spec, *, seeds: tuple[int, ...] | None = None, name: str = "mine", change: tuple[str, Any] | None = None
) -> tuple[Run, Trainer]:
    """Return a finished run of a spec, and its trainer; ``change`` is a path and the value it has from epoch 2 on."""
    trainer = Trainer(spec) if seeds is None else Trainer(spec, seeds=seeds)
    run = RunStore().create(spec, trainer.seeds, name=name)
    rows = []
    for result in trainer.epochs():
        rows.append(result.row())
        if result.epoch == 1 and change is not None:
            trainer.change(*change)
    run.checkpoints.save(trainer.checkpoint())
    if rows:
        run.metrics.append(1, np.stack(rows))
    run.metrics.record_state(state="finished", epoch=trainer.epoch, data=data_facts(trainer))
    run.metrics.close()
    return run, trainer


def exported(run: Run, library: str, folder: Path, seed: int | None = None) -> tuple[str, ...]:
    """Write a run's program into a folder; return what it says that it does otherwise."""
    chosen = subject(run, seed)
    program = PROGRAMS[library](chosen)
    write_folder(folder, chosen, program.text)
    return program.remarks


def functions(folder: Path) -> dict[str, Any]:
    """Return what the program of a folder defines."""
    return runpy.run_path(str(folder / "main.py"))


def printed(folder: Path, *arguments: str, path: str = "") -> str:
    """Return what the program of a folder prints, as a process that sees nothing of ours; it must end well."""
    command = [sys.executable, "-I" if not path else "-P", "main.py", *arguments]
    environment = {"PATH": os.environ["PATH"], **({"PYTHONPATH": path, "KERAS_BACKEND": "torch"} if path else {})}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def difference(output: str) -> float:
    """Return the difference that a program prints."""
    (line,) = output.splitlines()
    said, _, number = line.rpartition(": ")
    assert said == "largest difference from the run's answers"
    return float(number)
