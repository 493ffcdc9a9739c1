"""Strategies for whatever may cross the boundary between a worker and its watchers."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import BaseModel

from engine.protocol import commands
from engine.protocol.events import Answer, Frame, Pong, Refused, Reply, Scores, StepPlace, Welcome
from engine.protocol.queries import BoundaryQuery, SeriesQuery, View, simple_queries
from engine.run.capabilities import CAPABILITIES
from engine.run.changes import EditNetwork, SetPace, SetWeight, TurnDial
from engine.run.edits import SetUnits
from engine.run.exam import ExamReport, ExamResult
from engine.spec import validate
from tests.engine.training.recipes import THREE_CLASSES, TWO_CLASSES, VALUES

DTYPES = ("float32", "float64", "int64", "uint8")
FROM_STORE = {"series"}
VIEWS: tuple[View, ...] = tuple(view for view in get_args(View) if view not in FROM_STORE)
"""Those of a trainer alone that can be asked for without options."""

counts = st.integers(0, 2**53)
numbers = st.integers(1, 2**53)
floats = st.floats(allow_nan=False, allow_infinity=False)
lines = st.text(st.characters(codec="utf-8"), max_size=40)
"""Any text that UTF-8 has a form for."""
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | floats | lines,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(lines, values, max_size=3),
    max_leaves=6,
)
specs = st.sampled_from([validate(document, "recipe") for document in (TWO_CLASSES, THREE_CLASSES, VALUES)])

planes = st.builds(
    BoundaryQuery,
    columns=st.tuples(counts, counts),
    width=st.integers(2, 400),
    height=st.integers(2, 200),
    neuron=st.none() | st.tuples(counts, counts),
    point=st.none() | st.tuples(floats, floats),
)
series = st.builds(SeriesQuery, names=st.lists(lines, min_size=1, max_size=3).map(tuple))
any_query = st.sampled_from(simple_queries(*VIEWS)) | planes | series
queries = st.lists(any_query, max_size=4, unique_by=lambda query: query.id).map(tuple)
any_command: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        commands.Hello,
        protocol=counts,
        version=lines,
        read_only=st.booleans(),
        name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
        have=st.builds(commands.Have, epoch=counts, change=counts),
        queries=queries,
        max_points=st.none() | st.integers(16, 10**6),
    ),
    st.builds(commands.Subscribe, queries=queries),
    st.builds(commands.Ask, query=any_query),
    st.builds(commands.ViewCheckpoint, epoch=st.none() | counts),
    st.builds(commands.Acknowledge, number=counts),
    st.builds(commands.SetDial, path=lines, value=json_values),
    st.builds(commands.SetPace, pace=st.none() | st.floats(1e-9, 1e9)),
    st.builds(commands.MoreEpochs, epochs=st.integers(1, 10**9)),
    st.sampled_from(
        [
            commands.Ping(),
            commands.Goodbye(),
            commands.Pause(),
            commands.Resume(),
            commands.NextStep(),
            commands.NextEpoch(),
            commands.Stop(),
            commands.OpenExam(),
        ]
    ),
)
requests = st.builds(commands.Request, number=numbers, command=any_command)

changes = st.builds(
    TurnDial,
    number=counts,
    epoch=numbers,
    step=counts,
    path=lines,
    value=json_values,
    before=json_values,
    author=lines,
) | st.one_of(
    st.builds(
        EditNetwork,
        epoch=numbers,
        step=counts,
        edit=st.builds(SetUnits, layer=st.integers(0, 100_000), units=st.just(3)),
    ),
    st.builds(SetWeight, epoch=numbers, step=counts, layer=counts, row=counts, column=counts, value=floats),
    st.builds(SetPace, epoch=numbers, step=counts, value=st.none() | st.floats(1e-9, 1e9)),
)
scores = st.builds(
    Scores,
    loss=st.none() | floats | st.lists(st.none() | floats, max_size=3),
    accuracy=st.none() | floats,
    r2=st.none() | floats,
)
places = st.builds(StepPlace, epoch=counts, step=counts, steps=counts, total_steps=counts)
answers = st.builds(Answer, query=any_query, batch=st.none() | places, refusal=st.none() | lines)
reports = st.builds(ExamReport, epoch=counts, loss=st.none() | floats, accuracy=st.none() | floats)
exams = st.builds(ExamResult, epoch=counts, reports=st.lists(reports, min_size=1, max_size=3).map(tuple))
replies = st.builds(Reply, number=numbers, error=st.none() | lines, result=st.none() | answers | exams)
welcomes = st.builds(
    Welcome,
    protocol=counts,
    version=lines,
    run=lines,
    spec=specs,
    seeds=st.lists(counts, max_size=3).map(tuple),
    inputs=counts,
    feature_names=st.lists(lines, max_size=3).map(tuple),
    classes=st.lists(lines, max_size=3).map(tuple),
    rows=st.tuples(counts, counts, counts),
    read_only=st.booleans(),
)
frames = st.builds(
    Frame,
    number=counts,
    final=st.booleans(),
    state=st.sampled_from(["running", "paused", "finished", "stopped"]),
    reason=st.sampled_from([None, "epochs", "early_stopping", "stopped", "non_finite"]),
    message=st.none() | lines,
    epoch=counts,
    step=counts,
    steps=counts,
    epochs=counts,
    pace=st.none() | floats,
    epochs_per_second=st.none() | floats,
    learning_rate=floats,
    best_epoch=st.none() | counts,
    latest=st.tuples(st.none() | scores, st.none() | scores),
    first_epoch=numbers,
    bin_width=numbers,
    spec=st.none() | specs,
    answers=st.lists(answers, max_size=2).map(tuple),
    refusals=st.none() | st.dictionaries(st.sampled_from(CAPABILITIES), lines),
    changes=st.lists(changes, max_size=2).map(tuple),
    pending=st.lists(changes, max_size=2).map(tuple),
    replies=st.lists(
        st.builds(Reply, number=numbers, error=st.none() | lines, result=st.none() | answers | exams), max_size=2
    ).map(tuple),
    visiting=st.none() | counts,
    checkpoints=st.none() | st.lists(counts, max_size=3).map(tuple),
    exam=st.none() | exams,
)
events: st.SearchStrategy[BaseModel] = st.one_of(welcomes, st.builds(Refused, reason=lines), st.just(Pong()), frames)


@st.composite
def arrays(draw: st.DrawFn) -> NDArray[Any]:
    """Return an array of any dtype and shape that a message may carry, in any order in memory; bits are random."""
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    shape = tuple(draw(st.lists(st.integers(0, 4), max_size=4)))
    size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    array = np.frombuffer(draw(st.binary(min_size=size, max_size=size)), dtype).reshape(shape)
    match draw(st.sampled_from(["C", "Fortran", "reversed"])):
        case "Fortran":
            return np.asfortranarray(array)
        case "reversed":
            return array[::-1] if array.ndim else array
        case _:
            return array


named_arrays = st.dictionaries(lines, arrays(), max_size=3)
