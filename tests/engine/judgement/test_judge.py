"""The judge of a training: what it tells does not depend on when it looks, and its cures cure."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import presets
from engine.judgement.case import MOST_POINTS, CurveSamples
from engine.judgement.record import VerdictRecord
from engine.judgement.rules import OF_CURVES, names_of
from engine.judgement.training import next_look_at_neurons
from engine.run.series import EpochSeries
from engine.run.verdicts import MOST_VERDICTS, Verdict, recorded_up_to
from tests.engine.judgement.ill import ILL, Ill
from tests.engine.judgement.trained import JudgedTraining, no_rows

MANY = Ill("oscillating", "breast-cancer", {"training.learning_rate": 0.3})
"""Of four kinds of illness, some of which come and go."""


def without_numbers(verdicts: tuple[Verdict, ...]) -> list[Verdict]:
    """Return verdicts without what changes with every look at those that stand."""
    return sorted((each.model_copy(update={"lately": "", "number": 0}) for each in verdicts), key=lambda v: v.told)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_is_told_does_not_depend_on_when_it_was_looked() -> None:
    told = []
    for looks in (0, 3, 50):
        training = JudgedTraining(MANY.spec, 3, looks=looks)
        training.advance()
        told.append(without_numbers(training.verdicts))
    assert len(told[0]) > 3
    assert told[0] == told[1] == told[2]


def test_curves_of_a_long_training_are_sampled_alike_however_they_came() -> None:
    rows = np.random.default_rng(1).random((3 * MOST_POINTS + 7, 2, 5))
    history = EpochSeries(2, no_rows)
    history.extend(rows)
    grown = CurveSamples()
    left = rows
    for portion in (1, 5, 100, 4000, len(rows)):
        part, left = left[:portion], left[portion:]
        while len(part):
            grown.thin_out()
            now, part = part[: grown.room], part[grown.room :]
            grown.extend(now)
    at_once = CurveSamples.of(history)
    for one, other in zip(vars(grown.curves()).values(), vars(at_once.curves()).values(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert grown.curves().epochs[-1] == 3 * MOST_POINTS + 6


def test_a_loss_that_goes_on_swinging_is_oscillating_also_when_its_samples_are_thinned() -> None:
    settings = {"training.optimizer": "sgd", "training.batch_size": "full", "training.learning_rate": 20.0}
    training = JudgedTraining(presets.load("plants-neuron", set={**settings, "training.epochs": 5000}), 42, looks=20)
    training.advance()
    assert "oscillating" in training.standing


def test_neurons_are_looked_at_more_seldom_the_longer_a_training_has_gone_on() -> None:
    epochs = [0]
    while epochs[-1] < 10_000:
        epochs.append(next_look_at_neurons(epochs[-1]))
    assert epochs[1:17] == list(range(1, 17))
    assert all(later - before <= max(1, before / 8) for before, later in pairwise(epochs))
    assert len(epochs) < 16 + 8 * 11


NAMES = names_of(OF_CURVES)


def found(since: int, told: int, until: int | None = None, lately: str = "") -> Verdict:
    return Verdict(name="plateau", since=since, told=told, until=until, evidence="1", lately=lately, advice="2")


def test_a_verdict_begins_stands_and_passes() -> None:
    record = VerdictRecord()
    [begun] = record.update([found(21, 25)], NAMES, 30)
    assert (begun.number, begun.since, begun.told, begun.until) == (1, 21, 25, None)
    assert record.update([found(21, 25, lately="later")], NAMES, 60) == []
    assert record.verdicts[0].lately == "later"
    [passed] = record.update([found(21, 25, until=70)], NAMES, 80)
    assert passed.until == 70
    assert record.update([found(21, 25, until=70)], NAMES, 90) == []


def test_one_that_comes_back_soon_goes_on_and_one_that_comes_back_late_is_another() -> None:
    record = VerdictRecord()
    record.update([found(21, 25, until=70)], NAMES, 75)
    record.update([found(21, 25, until=70), found(78, 80)], NAMES, 80)
    assert [(each.since, each.until) for each in record.verdicts] == [(21, None)]
    record.update([found(21, 25, until=70), found(78, 80, until=90), found(200, 205)], NAMES, 210)
    assert [(each.since, each.until) for each in record.verdicts] == [(21, 90), (200, None)]


def test_what_is_not_found_any_more_after_a_change_has_passed_now() -> None:
    record = VerdictRecord()
    record.update([found(21, 25)], NAMES, 30)
    record.update([], NAMES, 41)
    assert record.verdicts[0].until == 41


def test_a_run_has_no_more_verdicts_than_it_may_have() -> None:
    record = VerdictRecord()
    for place in range(2 * MOST_VERDICTS):
        since = 10 + 100 * 2**place
        record.update([found(since, since + 1, until=since + 2)], NAMES, since + 3)
    assert len(record.verdicts) == MOST_VERDICTS


def test_a_run_that_goes_on_from_an_epoch_has_the_record_of_that_epoch() -> None:
    one, other = found(21, 25, until=70), found(40, 50)
    assert recorded_up_to([one, other], 45) == [one.model_copy(update={"until": None})]
    assert recorded_up_to([one, other], 70) == [one, other]


OVERFITTED = {"training.epochs": 1000, "network.dropout": 0.0}
TOO_SMALL = {"training.epochs": 1000, "network.units": [4]}
CURED = (
    Ill("vanishing-gradients", "breast-cancer", next(ill.settings for ill in ILL if "vanishing" in ill.verdict)),
    next(ill for ill in ILL if ill.verdict == "exploding-gradients" and "relu" in str(ill.settings)),
    Ill("saturated-neurons", "iris", {"training.learning_rate": 1.0}),
    next(ill for ill in ILL if ill.verdict == "wrong-exit"),
    next(ill for ill in ILL if ill.verdict == "diverging"),
    Ill("dead-neurons", "breast-cancer", {"training.learning_rate": 0.3}),
    Ill("oscillating", "iris", {"training.learning_rate": 1.0}),
    Ill("not-linearly-separable", "lines-perceptron", {"training.epochs": 100}),
    Ill("plateau", "iris", {"training.learning_rate": 1e-6}),
)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("ill", CURED, ids=[ill.verdict for ill in CURED])
def test_a_cure_cures(ill: Ill) -> None:
    training = JudgedTraining(ill.spec, 42, looks=25)
    training.advance(lambda: ill.verdict in training.standing and training.trainer.epoch > 5)
    before = training.trainer.evaluate("train").loss
    training.cure(ill.verdict)
    training.advance()
    assert ill.verdict not in training.standing
    assert training.trainer.evaluate("train").loss < before


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", ["non-finite", "diverging"])
def test_of_a_run_of_which_nothing_is_left_a_new_one_at_a_usual_rate_is_the_cure(name: str) -> None:
    ill = next(each for each in ILL if each.verdict == name)
    training = JudgedTraining(ill.spec, 42)
    training.advance()
    [verdict] = [each for each in training.verdicts if each.name == name]
    assert verdict.cure is not None
    assert verdict.cure.anew
    turns = {turn.path: turn.value for turn in verdict.cure.turns}
    rate = turns["training.learning_rate"]
    assert isinstance(rate, float)
    assert rate <= 0.01
    cured = JudgedTraining(presets.load(ill.preset, set={**ill.settings, **turns, "scaler.targets": "standard"}), 42)
    cured.advance()
    assert not {"non-finite", "diverging"} & {each.name for each in cured.verdicts}


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_the_cure_of_overfitting_brings_the_validation_loss_down_again(optimizer: str) -> None:
    rate = {"adam": 0.001, "sgd": 0.3}[optimizer]
    changed = {"training.optimizer": optimizer, "training.learning_rate": rate}
    training = JudgedTraining(presets.load("breast-cancer", set={**OVERFITTED, **changed}), 42, looks=50)
    training.advance(lambda: "overfitting" in training.standing)
    before = training.trainer.evaluate("validation").loss
    training.cure("overfitting")
    training.advance()
    assert "overfitting" not in training.standing
    assert training.trainer.evaluate("validation").loss < 0.8 * before


def test_a_network_that_is_too_small_is_doubled_until_it_learns_more() -> None:
    training = JudgedTraining(presets.load("spirals-repaired", set=TOO_SMALL), 42, looks=50)
    training.advance(lambda: "underfitting" in training.standing)
    before = training.trainer.evaluate("train").loss
    training.cure("underfitting")
    training.advance(lambda: "underfitting" not in training.standing)
    training.advance(lambda: "underfitting" in training.standing)
    assert training.trainer.evaluate("train").loss < before
    if training.trainer.ended is None:
        training.cure("underfitting")
        assert training.trainer.change_log.spec.network.layers[0].units == 16


def test_neurons_that_died_of_weights_that_are_all_0_are_drawn_afresh() -> None:
    training = JudgedTraining(presets.load("iris", set={"network.initializer": "zeros"}), 42)
    training.advance(lambda: training.trainer.epoch > 1)
    training.cure("dead-neurons")
    training.advance()
    assert not training.standing
    assert (training.trainer.evaluate("train").accuracy or 0) > 0.9


def test_a_cure_that_takes_a_new_run_is_a_recipe_without_the_verdict() -> None:
    for ill in ILL:
        training = JudgedTraining(ill.spec, 42, looks=0)
        for verdict in training.verdicts:
            if verdict.cure is None or not verdict.cure.anew:
                continue
            turns = {turn.path: turn.value for turn in verdict.cure.turns}
            cured = JudgedTraining(presets.load(ill.preset, set={**ill.settings, **turns}), 42) if ill.preset else None
            assert cured is None or verdict.name not in cured.standing
