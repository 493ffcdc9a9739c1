"""Rules are asked about whatever a user trains: none of them may raise, whatever recipe and numbers come."""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import presets
from engine.declarations.optimizers import DECLARED_OPTIMIZERS
from engine.judgement.case import Case, Curves, DataOfCase, LayerGradients, NeuronCount, Overflow, data_of_case
from engine.judgement.rules import judged
from engine.run.verdicts import Verdict
from engine.spec import Spec
from engine.training.trainer import Trainer
from tests.properties import examples

PRESETS = ("breast-cancer", "iris", "diabetes", "lines-perceptron", "mistake-relu-exit", "mistake-unscaled")
LOSSES = st.floats(0, 1e300) | st.sampled_from([0.0, 1e-300, 0.69, 1e300])


@cache
def trained_by(preset: str) -> tuple[Spec, DataOfCase]:
    spec = presets.load(preset)
    return spec, data_of_case(Trainer(spec).data, spec)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a case: an own recipe with other hyperparameters, and curves that need not be those of any training."""
    spec, data = trained_by(draw(st.sampled_from(PRESETS)))
    training = spec.training.model_copy(
        update={
            "optimizer": draw(st.sampled_from(list(DECLARED_OPTIMIZERS))),
            "learning_rate": draw(st.floats(1e-300, 1e300)),
            "batch_size": draw(st.sampled_from(["full", 1, 32])),
            "l2": draw(st.sampled_from([0.0, 1e-4, 100.0])),
        }
    )
    k = draw(st.integers(0, 60))
    layers = len(spec.network.layers)
    marked = sorted(draw(st.sets(st.integers(1, max(1, k)), max_size=k)))
    counts = st.builds(
        NeuronCount, st.just(k), st.integers(0, layers - 1), st.just(8), st.integers(0, 8), st.integers(0, 8)
    )
    return Case(
        spec=spec.model_copy(update={"training": training}),
        data=data,
        curves=Curves(
            epochs=np.arange(1, k + 1),
            train_loss=draw(arrays(np.float64, k, elements=LOSSES)),
            train_score=draw(arrays(np.float64, k, elements=st.floats(0, 1) | st.just(np.nan))),
            validation_loss=draw(arrays(np.float64, k, elements=LOSSES | st.just(np.nan))),
            learning_rate=np.full(k, training.learning_rate),
        ),
        gradients=LayerGradients(
            np.array(marked, np.int64),
            draw(arrays(np.float64, (len(marked), layers), elements=LOSSES | st.sampled_from([np.nan, np.inf]))),
        ),
        neurons=tuple(draw(st.lists(counts, max_size=3))),
        parameters=tuple(range(10, 10 + layers)),
        overflow=draw(st.none() | st.builds(Overflow, st.just(k), st.just("a weight of layer 1"))),
        separable=draw(st.none() | st.booleans()),
    )


@settings(max_examples=examples(150))
@given(case=cases())
def test_no_rule_raises_and_what_it_finds_can_be_written_down(case: Case) -> None:
    for verdict in judged(case):
        assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict
        assert verdict.evidence.isprintable()
