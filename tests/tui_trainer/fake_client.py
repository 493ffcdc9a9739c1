"""A worker that is none: it makes up a believable run, and does what it is told, without a process or a clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError, TrainerError, WorkerError
from engine.protocol import commands
from engine.protocol.commands import Command
from engine.protocol.events import Answer, Frame, Reply, StepPlace, Welcome
from engine.protocol.queries import AnyQuery, BoundaryQuery, ByHandQuery, SeriesQuery, View, simple_queries
from engine.run.changes import Change, EditNetwork, acts_at, make_change, spec_after, weight_at
from engine.run.exam import ExamResult
from engine.spec import Spec, override, validate, value_at
from tests.exams import breast_cancer_exam
from tests.tui_trainer.fake_views import boundary_arrays, by_hand_arrays, data_arrays

Arrays = Mapping[str, NDArray[Any]]

FEATURES = tuple(
    f"{kind} {name}"
    for kind in ("mean", "error of", "worst")
    for name in (
        "radius",
        "texture",
        "perimeter",
        "area",
        "smoothness",
        "compactness",
        "concavity",
        "concave points",
        "symmetry",
        "fractal dimension",
    )
)


def make_spec(**values: Any) -> Spec:
    """Return the spec of a small network, changed at the dotted paths given (with ``__`` for dots)."""
    spec = validate(
        {
            "name": "breast-cancer",
            "data": {"source": "breast-cancer"},
            "split": {"validation": 0.2, "test": 0.2},
            "network": {
                "layers": [
                    {"units": 16, "activation": "relu", "dropout": 0.2},
                    {"units": 8, "activation": "relu", "dropout": 0.2},
                    {"units": 1, "activation": "sigmoid"},
                ]
            },
            "training": {"loss": "bce", "epochs": 50},
        },
        where="a test",
    )
    return override(spec, {path.replace("__", "."): value for path, value in values.items()}) if values else spec


def make_welcome(spec: Spec | None = None, **changed: Any) -> Welcome:
    """Return a welcome."""
    values: dict[str, Any] = {
        "protocol": 1,
        "version": "0",
        "run": "breast-cancer-3",
        "spec": spec or make_spec(),
        "seeds": (42,),
        "inputs": 30,
        "feature_names": FEATURES,
        "classes": ("benign", "malignant"),
        "rows": (341, 114, 114),
        "read_only": False,
    }
    return Welcome(**{**values, **changed})


CHECKPOINT_EVERY = 10


class FakeClient:
    """A client whose run goes on only when told: ``train`` some epochs or steps, and a frame comes out.

    Attributes:
        sent: Every command that came, in order.
        views: What was last asked for.
        sample: The row by hand that was last asked for.
        refused_picks: Why no row can be picked by hand; empty where one can.
        series: Names of the series that were last asked for.
        closed: Whether the watcher has left.
        exam_result: What comes of opening the exam.
        seconds_since_heard: Seconds for which it claims to have been silent.
    """

    def __init__(self, spec: Spec | None = None, **welcome: Any) -> None:
        self.welcome = make_welcome(spec, **welcome)
        self.spec = self.welcome.recipe
        self.sent: list[Command] = []
        self.views: tuple[View, ...] = ()
        self.series: tuple[str, ...] = ()
        self.plane = BoundaryQuery()
        self.sample = ByHandQuery()
        self.refused_picks = ""
        self.closed = False
        self.seconds_since_heard = 0.0
        self.state: Any = "running"
        self.reason: Any = None
        self.pace: float | None = 20.0
        self.epoch = 0
        self.step = 0
        self.visiting: int | None = None
        self.refusal: str | None = None
        self.exam_result = breast_cancer_exam()
        self._opened: ExamResult | None = None
        self._told = 0
        self._told_changes = 0
        self._changes: list[Change] = []
        self._pending: list[Change] = []
        self._replies: list[Reply] = []
        self._frames = 0
        self._random = np.random.default_rng(7)
        self._queue: asyncio.Queue[tuple[Frame, Arrays] | Exception | None] = asyncio.Queue()
        self._weights = self._draw()

    @property
    def steps(self) -> int:
        """Steps an epoch has."""
        return 11

    # The client

    async def frames(self) -> AsyncIterator[tuple[Frame, Arrays]]:
        while True:
            item = await self._queue.get()
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item

    async def send(self, command: Command) -> int:
        self.sent.append(command)
        number = len(self.sent)
        try:
            self._look_back(command)
            self._do(command)
        except InputError as error:
            self._replies.append(Reply(number=number, error=str(error)))
        else:
            self._replies.append(Reply(number=number, error=self.refusal))
        self.tell()
        return number

    async def subscribe(self, queries: Sequence[AnyQuery]) -> None:
        self.views = tuple(query.kind for query in queries if not isinstance(query, SeriesQuery))
        self.series = next((query.names for query in queries if isinstance(query, SeriesQuery)), ())
        self.plane = next((query for query in queries if isinstance(query, BoundaryQuery)), BoundaryQuery())
        self.sample = next((query for query in queries if isinstance(query, ByHandQuery)), ByHandQuery())
        if self._frames and {"boundary", "data", "by-hand"} & set(self.views):
            self.tell()

    def _answers(self) -> tuple[Answer, ...]:
        own: dict[str, AnyQuery] = {"boundary": self.plane, "by-hand": self.sample}
        queries = [own.get(view) or simple_queries(view)[0] for view in self.views]
        batch = self._place() if self.visiting is None else None
        return tuple(
            Answer(
                query=query,
                batch=batch if query.kind == "neurons" else None,
                refusal=self.refused_picks or None if isinstance(query, ByHandQuery) and query.pick else None,
            )
            for query in queries
        )

    async def close(self) -> None:
        self.closed = True

    # The other side

    def train(self, epochs: int = 1, *, frames: int = 1) -> None:
        """Train, and tell of it in some frames."""
        for part in range(frames):
            self.epoch += epochs * (part + 1) // frames - epochs * part // frames
            self._turn_pending()
            self._drift()
            if self.epoch >= self.spec.training.epochs:
                self.epoch, self.state, self.reason = self.spec.training.epochs, "finished", "epochs"
            self.tell()

    def die(self, error: str | TrainerError = "the worker is gone") -> None:
        """End as a killed worker does, or by another error."""
        self._queue.put_nowait(WorkerError(error) if isinstance(error, str) else error)

    def leave(self) -> None:
        """End as a worker does that has saved everything."""
        self.state, self.reason = "stopped", "stopped"
        self.tell()
        self._queue.put_nowait(None)

    def tell(self, **changed: Any) -> None:
        """Send a frame."""
        self._frames += 1
        values: dict[str, Any] = {
            "number": self._frames,
            "state": self.state,
            "reason": self.reason,
            "epoch": self.epoch,
            "step": self.step,
            "steps": self.steps,
            "epochs": self.spec.training.epochs,
            "pace": self.pace,
            "epochs_per_second": 20.0 if self.state == "running" else None,
            "learning_rate": self.spec.training.learning_rate,
            "best_epoch": None,
            "first_epoch": self._told + 1,
            "spec": self.spec,
            "answers": self._answers(),
            "changes": tuple(self._changes[self._told_changes :]),
            "pending": tuple(self._pending),
            "replies": tuple(self._replies),
            "visiting": self.visiting,
            "exam": self._opened,
            "checkpoints": tuple(range(0, self.epoch + 1, CHECKPOINT_EVERY)),
        }
        arrays = self._arrays()
        self._queue.put_nowait((Frame(**{**values, **changed}), arrays))
        self._told, self._told_changes = self.epoch, len(self._changes)
        self._opened = None
        self._replies.clear()

    def metrics(self, first_epoch: int, last_epoch: int) -> NDArray[np.float64]:
        """Return made-up rows (k, 1, 5): curves that fall and rise as they do, with a little noise."""
        epochs = np.arange(first_epoch, last_epoch + 1)
        noise = np.sin(epochs * 12.9898) * 0.5
        train = 0.65 * np.exp(-epochs / 12) + 0.06 + 0.015 * noise
        validation = 0.62 * np.exp(-epochs / 11) + 0.13 + 0.01 * np.roll(noise, 1)
        rows = [train, 1 - 0.55 * train, validation, 1 - 0.45 * validation, np.full(len(epochs), 0.001)]
        return np.stack(rows, axis=1)[:, None, :]

    def _do(self, command: Command) -> None:
        if isinstance(command, commands.Pause):
            self.state = "paused"
        elif isinstance(command, commands.Resume):
            self.state = "running"
        elif isinstance(command, commands.NextStep):
            self.state, self.step = "paused", (self.step + 1) % self.steps
        elif isinstance(command, commands.NextEpoch):
            self.state, self.step, self.epoch = "paused", 0, self.epoch + 1
        elif isinstance(command, commands.SetPace):
            self._set_pace(command.pace)
        elif isinstance(command, commands.MoreEpochs):
            self._turn("training.epochs", command.epochs)
            self.state = "running" if self.state == "finished" else self.state
        elif isinstance(command, commands.SetDial) and self.refusal is None:
            self._turn(command.path, command.value)
        elif isinstance(command, commands.OpenExam) and self.refusal is None:
            self._opened = self.exam_result.model_copy(update={"epoch": self.epoch})
        elif isinstance(command, commands.Stop):
            self.leave()

    def _look_back(self, command: Command) -> None:
        if isinstance(command, commands.Resume | commands.NextStep | commands.NextEpoch):
            self.visiting = None
        elif isinstance(command, commands.ViewCheckpoint):
            self.state = "paused" if self.state == "running" else self.state
            self.visiting = command.epoch

    def _set_pace(self, pace: float | None) -> None:
        if pace != self.pace:
            number = len(self._changes) + len(self._pending) + 1
            here = {"number": number, "epoch": self.epoch + 1, "step": self.step}
            self._changes.append(make_change("pace", pace, before=self.pace, **here))
        self.pace = pace

    def _turn(self, path: str, value: Any) -> None:
        number = len(self._changes) + len(self._pending) + 1
        change = make_change(path, value, number=number, epoch=self.epoch + 1, step=self.step)
        if weight := weight_at(path):
            layer, row, column = weight
            before = float(self._weights[layer][row, column])
            self._weights[layer][row, column] = value
            self._changes.append(change.model_copy(update={"before": before}))
            return
        planned = self.spec
        for waiting in self._pending:
            planned = spec_after(planned, self.welcome.inputs, waiting)
        spec = spec_after(planned, self.welcome.inputs, change)
        replaced: Any = planned.network.layers if isinstance(change, EditNetwork) else value_at(planned, path)
        change = change.model_copy(update={"before": replaced})
        if acts_at(path) == "epoch":
            self._pending.append(change.model_copy(update={"step": 0}))
            return
        self.spec = spec
        self._changes.append(change)

    def _turn_pending(self) -> None:
        for change in self._pending:
            self.spec = spec_after(self.spec, self.welcome.inputs, change)
        if any(isinstance(change, EditNetwork) for change in self._pending):
            self._weights = self._draw()
        self._changes += self._pending
        self._pending = []

    def _draw(self) -> list[NDArray[Any]]:
        widths = [self.welcome.inputs, *(layer.units for layer in self.spec.network.layers)]
        shapes = zip(widths[1:], widths[:-1], strict=True)
        return [self._random.normal(0, (inputs + units) ** -0.5, (units, inputs + 1)) for units, inputs in shapes]

    def _drift(self) -> None:
        for weights in self._weights:
            np.add(weights, self._random.normal(0, 0.003, weights.shape), out=weights)

    def _place(self) -> StepPlace:
        return StepPlace(epoch=self.epoch + 1, step=7, steps=self.steps, total_steps=self.epoch * self.steps + 7)

    def _coadaptation(self) -> dict[str, NDArray[Any]]:
        """Return made-up correlations that shrink as the run goes on."""
        hidden = self.spec.network.layers[:-1]
        size = 1 / (1 + self.epoch / 20)
        matrices = [size * np.cos(np.subtract.outer(*2 * [np.arange(min(64, each.units))])) for each in hidden]
        arrays = {f"coadaptation.matrices.{index}": matrix.astype(np.float32) for index, matrix in enumerate(matrices)}
        return {**arrays, "coadaptation.means": np.array([size] * len(hidden))}

    def _clerks(self) -> dict[str, NDArray[Any]]:
        """Return who is dead, and a batch, which a checkpoint does not keep."""
        arrays: dict[str, NDArray[Any]] = {}
        for index, layer in enumerate(self.spec.network.layers[:-1]):
            arrays[f"neurons.dead.{index}"] = (np.arange(layer.units) == 5).astype(np.uint8)
            if self.visiting is None:
                mask = self._random.random((layer.units, 32)) >= layer.dropout
                arrays[f"neurons.masks.{index}"] = mask.astype(np.uint8)
                arrays[f"neurons.activations.{index}"] = (mask * np.linspace(0, 2, 32)).astype(np.float32)
        if self.visiting is None:
            arrays["neurons.rows"] = self._random.integers(0, 569, 32)
        return arrays

    def _arrays(self) -> dict[str, NDArray[Any]]:
        arrays: dict[str, NDArray[Any]] = {}
        if self.epoch > self._told:
            arrays["rows"] = self.metrics(self._told + 1, self.epoch)
        if "weights" in self.views:
            arrays |= {f"weights.{index}": weights.copy() for index, weights in enumerate(self._weights)}
        if "boundary" in self.views:
            arrays |= boundary_arrays(self.welcome, self.plane, sharpness=1 + self.epoch / 5)
        if "by-hand" in self.views and not (self.sample.pick and self.refused_picks):
            arrays |= by_hand_arrays(self.welcome, self._weights, self.sample)
        if "data" in self.views:
            arrays |= data_arrays(self.welcome)
        for index, weights in enumerate(self._weights):
            step = {"gradients": weights / 100, "updates": weights / -200} if self.visiting is None else {}
            step |= {"moments.m": weights / 100, "moments.v": weights**2 / 10_000}
            arrays |= {f"{name}.{index}": value for name, value in step.items() if name.partition(".")[0] in self.views}
        if "neurons" in self.views:
            arrays |= self._clerks()
        if "coadaptation" in self.views:
            arrays |= self._coadaptation()
        return arrays
