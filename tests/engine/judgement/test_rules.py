"""Verdicts of trainings that have an illness, and of healthy ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest

import presets
from engine.judgement.case import Case, Curves, data_of_case
from engine.judgement.rules import judged
from engine.run.verdicts import VerdictName
from engine.spec import validate
from engine.training.trainer import Trainer
from tests.engine.judgement.ill import HEALTHY, ILL, Ill, layers
from tests.engine.judgement.trained import JudgedTraining, names_of

CHEAP = [ill for number, ill in enumerate(ILL) if ill.verdict not in {each.verdict for each in ILL[:number]}]
"""One training for each verdict."""


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # what overflows is meant to
@pytest.mark.parametrize("ill", CHEAP, ids=[ill.verdict for ill in CHEAP])
def test_a_training_with_an_illness_earns_its_verdict(ill: Ill) -> None:
    training = JudgedTraining(ill.spec, 1)
    training.advance()
    assert ill.verdict in {verdict.name for verdict in training.verdicts}


def test_there_is_an_ill_training_for_every_verdict() -> None:
    assert {ill.verdict for ill in ILL} == set(get_args(VerdictName))


LONG = ("plants-blobs", "plants-circles", "plants-moons")


@pytest.mark.parametrize("preset", [name for name in HEALTHY if name not in LONG])
def test_a_healthy_training_earns_none(preset: str) -> None:
    assert names_of(preset, seed=5) == set()


def case(train: list[float], validation: list[float] | None = None, **settings: Any) -> Case:
    """Return a case of breast-cancer, with other settings, and with curves made up; the uninformed loss is 0.66."""
    spec = presets.load("breast-cancer", set={path.replace("__", "."): value for path, value in settings.items()})
    trainer = Trainer(spec)
    k = len(train)
    curves = Curves(
        epochs=np.arange(1, k + 1),
        train_loss=np.array(train),
        train_score=np.full(k, 0.9),
        validation_loss=np.full(k, np.nan) if validation is None else np.array(validation),
        learning_rate=np.full(k, 0.001),
    )
    return Case(spec=spec, data=data_of_case(trainer.data, spec), curves=curves)


def falling(epochs: int) -> list[float]:
    return [0.7 * 0.97**epoch for epoch in range(epochs)]


def test_the_uninformed_loss_is_the_entropy_of_the_class_frequencies() -> None:
    data = case([1.0]).data
    share = data.class_counts[1] / sum(data.class_counts)
    assert data.uninformed_loss == pytest.approx(-share * np.log(share) - (1 - share) * np.log(1 - share))


def test_a_validation_loss_that_rises_for_nine_epochs_is_not_overfitting_yet() -> None:
    validation = [0.5] * 30 + [1.0] * 30
    first = next(k for k in range(1, 61) if judged(case(falling(k), validation[:k])))
    found = judged(case(falling(first), validation[:first]))
    assert [verdict.name for verdict in found] == ["overfitting"]
    assert first - found[0].since + 1 == 10


def test_a_network_that_answers_worse_than_one_that_knows_nothing_is_not_overfitting() -> None:
    validation = [0.5] * 30 + [1.0] * 60
    names = {verdict.name for verdict in judged(case([loss + 0.7 for loss in falling(90)], validation))}
    assert "overfitting" not in names


def test_rows_that_are_learned_while_others_are_answered_worse_than_without_looking_are_learned_by_heart() -> None:
    curve = [0.5 * loss for loss in falling(60)]
    [verdict] = judged(case(curve, [3.0] * 60))
    assert verdict.name == "overfitting"
    assert "to answer without looking costs 0.657" in verdict.evidence
    assert not judged(case(curve, [0.7] * 60))
    assert not judged(case([0.5] * 15, [3.0] * 15))


@pytest.mark.parametrize(("hidden", "strength"), [(2, 0.1), (4, 0.04)])
def test_a_deep_network_is_cured_of_overfitting_with_less(hidden: int, strength: float) -> None:
    settings = {"training__optimizer": "sgd", "training__learning_rate": 0.1, "training__batch_size": "full"}
    network = layers(hidden, "relu", 8)
    [verdict] = judged(case([0.1] * 60, [3.0] * 60, network__layers=network, **settings))
    assert verdict.cure is not None
    assert [(turn.path, turn.value) for turn in verdict.cure.turns] == [("training.l2", strength)]


def test_a_verdict_that_has_passed_stays_with_its_end() -> None:
    validation = [0.5] * 30 + [1.0] * 30 + [0.4] * 30
    [verdict] = judged(case(falling(90), validation))
    assert verdict.name == "overfitting"
    assert verdict.until is not None
    assert verdict.since < verdict.until <= 70


def test_a_loss_that_swings_round_its_mean_is_oscillating_and_one_with_some_noise_is_not() -> None:
    swinging = [0.3 + 0.25 * (-1) ** epoch for epoch in range(60)]
    noisy = [loss * (1 + 0.05 * (-1) ** epoch) for epoch, loss in enumerate(falling(60))]
    assert "oscillating" in {verdict.name for verdict in judged(case(swinging))}
    assert not judged(case(noisy))


def test_a_loss_that_overflows_is_diverging() -> None:
    found = judged(case([0.6, 0.7, 1.0, 10.0, 1e3, 1e9, 1e100, 1e300]))
    assert "diverging" in {verdict.name for verdict in found}


def test_a_loss_that_stands_between_nothing_learned_and_enough_is_underfitting() -> None:
    found = judged(case([max(0.45, loss) for loss in falling(400)]))
    assert {verdict.name for verdict in found if verdict.until is None} == {"underfitting"}


def test_a_loss_that_falls_slowly_and_steadily_has_no_plateau_and_one_that_stops_has() -> None:
    steady = [0.75 - 0.0004 * epoch for epoch in range(150)]
    assert not judged(case(steady, training__epochs=1000))
    [verdict] = judged(case(steady + [steady[-1]] * 300, training__epochs=1000))
    assert verdict.name == "plateau"
    assert 150 < verdict.since < 400


def test_a_slow_fall_is_a_plateau_where_the_epochs_left_make_little_of_it() -> None:
    steady = [0.75 - 0.0004 * epoch for epoch in range(60)]
    [verdict] = judged(case(steady, training__epochs=100))
    assert verdict.name == "plateau"


def test_a_standstill_that_is_for_good_is_one_verdict_however_long_the_training_is() -> None:
    halves = [0.75, 0.6, 0.55] * 10 + [0.5 + 0.001 * (-1) ** (epoch // 30) for epoch in range(5000)]
    trained = case(halves, training__epochs=6000)
    thinned = Curves(*(values[1::2] for values in vars(trained.curves).values()))
    for curves in (trained.curves, thinned):
        found = judged(replace(trained, curves=curves))
        assert [verdict.name for verdict in found] == ["plateau"] * (len(found) - 1) + ["underfitting"]
        assert found[-1].until is None
        assert found[-1].since < 400


@pytest.mark.parametrize(
    ("optimizer", "rate", "path"),
    [("adam", 0.001, "training.learning_rate"), ("adam", 0.1, "network.edit"), ("sgd", 0.1, "training.learning_rate")],
)
def test_steps_that_are_large_already_are_not_enlarged_against_a_plateau(
    optimizer: str, rate: float, path: str
) -> None:
    [verdict] = judged(case([0.7] * 40, training__optimizer=optimizer, training__learning_rate=rate))
    assert verdict.name == "plateau"
    assert verdict.cure is not None
    assert [turn.path for turn in verdict.cure.turns] == [path]


def test_a_single_layer_is_not_told_to_stand_still_where_no_line_separates_the_rows() -> None:
    flat = case([0.84] * 50, network__layers=[{"units": 1, "activation": "sigmoid"}])
    assert {verdict.name for verdict in judged(flat)} == {"plateau"}
    assert {verdict.name for verdict in judged(replace(flat, separable=False))} == {"not-linearly-separable"}


def test_a_case_without_an_epoch_has_no_verdict_of_its_curves() -> None:
    assert judged(case([])) == ()


def test_classes_of_very_different_size_are_told_with_the_score_of_the_largest() -> None:
    rows = [[float(row)] for row in range(20)]
    source = {"source": "rows", "X": rows, "y": [0] * 18 + [1] * 2, "classes": ["ham", "spam"]}
    document = presets.load("one-clerk").model_dump(mode="json")
    layers = [{"units": 1, "activation": "sigmoid"}]
    document |= {"data": source, "network": {"layers": layers}, "training": {"loss": "bce", "epochs": 1}}
    spec = validate(document, "test")
    data = data_of_case(Trainer(spec).data, spec)
    names = {verdict.name: verdict for verdict in judged(Case(spec=spec, data=data, curves=case([]).curves))}
    assert "always answering ham scores 0.900" in names["class-imbalance"].evidence
