"""A store that is none: its runs are made up, and each is a fake client."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.errors import InputError
from engine.protocol.commands import Have
from engine.run.metrics import METRICS
from engine.spec import Spec
from tests.tui_trainer.fake_client import FakeClient, make_spec
from tui_trainer.runs.connection import RunClient, RunTarget
from tui_trainer.view_models.compare import ComparedRun, EpochValues, Ruler
from tui_trainer.view_models.history import History
from tui_trainer.view_models.runs import RunLine
from tui_trainer.view_models.sweeps import SweepLine

HOUR = 3600.0

LINES = (
    RunLine(
        name="breast-cancer-3",
        age=2.0,
        preset="breast-cancer",
        state="running",
        epoch=30,
        epochs=50,
        seeds=(42,),
        train=0.1212,
        validation=0.1713,
        score=0.9649,
        size=1_260_000,
        settings="learning_rate=0.01",
        parent="breast-cancer-1@30",
    ),
    RunLine(
        name="wine-1",
        age=3 * HOUR,
        preset="wine",
        state="stopped",
        epoch=120,
        epochs=200,
        seeds=tuple(range(42, 62)),
        train=0.0312,
        validation=0.0977,
        score=0.9714,
        size=48_200_000,
        data="vineyards.csv",
    ),
    RunLine(
        name="diabetes-2",
        age=50 * HOUR,
        preset="diabetes",
        state="finished",
        epoch=300,
        epochs=300,
        seeds=(7,),
        train=0.5121,
        score=0.4412,
        size=870_000,
    ),
    RunLine(name="iris-1", age=72 * HOUR, problem="runs/iris-1/run.json: not JSON, or cut (line 1)"),
)


def made_up(line: RunLine) -> ComparedRun:
    """Return what there is to compare of a run that is none: longer names have higher losses."""
    rows = np.repeat(FakeClient().metrics(1, line.epoch)[:, :1], len(line.seeds), axis=1)
    factors = np.linspace(0.9, 1.1, len(line.seeds)) * len(line.name) / 10
    rows[:, :, [0, 2]] *= factors[:, None]
    history = History()
    history.add_rows(1, rows)
    best = int(np.argmin(np.median(rows[:, :, 2], axis=1)))
    epochs = np.array([0.0, float(line.epoch)])
    return ComparedRun(
        name=line.name,
        title=line.preset,
        state=line.state or "stopped",
        seeds=line.seeds,
        recipe={"name": line.preset, "training.learning_rate": len(line.name) / 1000, "training.epochs": line.epochs},
        changes=(),
        columns=METRICS,
        history=history,
        last=EpochValues(line.epoch, rows[-1]),
        best=EpochValues(best + 1, rows[best]),
        judged=rows[-1],
        lineage={line.name: line.epoch},
        rulers={"step": Ruler(epochs, 11 * epochs), "time": Ruler(epochs, 40 * epochs)},
    )


@dataclass
class FakeRunService:
    """A store of runs.

    Attributes:
        lines: What there is.
        sweeps: The sweeps that stand below them.
        done: What was asked for, in order: a word, a name, and what else there is to say.
        clients: The client of each run that was opened or made.
        refusal: What every request is answered with, if it is.
    """

    lines: list[RunLine] = field(default_factory=lambda: list(LINES))
    sweeps: list[SweepLine] = field(default_factory=list)
    done: list[tuple[Any, ...]] = field(default_factory=list)
    clients: dict[str, FakeClient] = field(default_factory=dict)
    refusal: str | None = None

    async def list_runs(self) -> list[RunLine]:
        return list(self.lines)

    async def list_sweeps(self) -> list[SweepLine]:
        return list(self.sweeps)

    def can_make(self, name: str) -> bool:
        return ":" not in name

    async def open(self, name: str) -> RunTarget:
        self._note("open", name)
        return self._target(name, make_spec())

    async def begin(self, spec: Spec, seeds: Sequence[int], pace: float | None, beside: str = "") -> RunTarget:
        del beside
        name = f"{spec.name}-{len(self.lines) + 1}"
        self._note("begin", name, spec, tuple(seeds), pace)
        return self._target(name, spec, seeds=tuple(seeds))

    async def branch(self, name: str, epoch: int, pace: float | None) -> RunTarget:
        self._note("branch", name, epoch, pace)
        target = self._target(f"{name}-branch", make_spec())
        client = self.clients[target.run]
        client.epoch, client.state = epoch, "paused"
        return target

    async def stop(self, name: str) -> int:
        self._note("stop", name)
        self._change(name, state="stopped")
        client = self.clients.get(name)
        return client.epoch if client else self._line(name).epoch

    async def resume(self, name: str) -> None:
        self._note("resume", name)
        self._change(name, state="running")

    async def rename(self, name: str, new_name: str) -> None:
        self._note("rename", name, new_name)
        self.lines = [replace(line, name=new_name) if line.name == name else line for line in self.lines]

    async def delete(self, name: str) -> None:
        self._note("delete", name)
        self.lines.remove(self._line(name))

    async def history(self, name: str) -> History:
        self._note("history", name)
        history = History()
        history.add_rows(1, FakeClient().metrics(1, self._line(name).epoch) * 1.5)
        return history

    async def compare(self, names: Sequence[str]) -> list[ComparedRun]:
        self._note("compare", *names)
        return [made_up(self._line(name)) for name in names]

    def _target(self, name: str, spec: Spec, **welcome: Any) -> RunTarget:
        client = self.clients[name] = FakeClient(spec, run=name, **welcome)
        client.train(1)

        async def connect() -> RunClient:
            client.tell()
            return client

        async def resume(_: Have) -> RunClient:
            return await connect()

        return RunTarget(name, connect, resume)

    def _note(self, *what: Any) -> None:
        if self.refusal is not None:
            raise InputError(self.refusal)
        self.done.append(what)

    def _line(self, name: str) -> RunLine:
        return next(line for line in self.lines if line.name == name)

    def _change(self, name: str, **values: Any) -> None:
        self.lines = [replace(line, **values) if line.name == name else line for line in self.lines]

    async def make_ready(self) -> None:
        """Do nothing: a made-up run needs no process."""
