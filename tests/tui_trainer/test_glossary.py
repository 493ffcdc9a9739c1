from __future__ import annotations

import re
from importlib import import_module

import pytest

from tui_trainer.bindings import KEYS
from tui_trainer.glossary import COMMITTEE_WORDS, PLAIN_WORDS, TERMS, Term, next_vocabulary, translated, word
from tui_trainer.panes import PANES, TABS
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.header import REASONS


@pytest.mark.parametrize("term", TERMS.values(), ids=TERMS)
def test_a_term_has_both_names_and_a_meaning_in_one_line(term: Term) -> None:
    assert term.standard
    assert term.plain
    assert 10 < len(term.meaning) < 100
    assert not term.meaning.endswith(".")


def test_words_of_the_plain_vocabulary() -> None:
    plain = {word(key, "plain") for key in TERMS}
    assert plain >= {"clerk", "room", "dial", "nudge", "coffee break", "full pass", "handful"}
    assert plain >= {"study pile", "practice pile", "sealed exam"}


def test_words_of_the_standard_vocabulary() -> None:
    standard = {word(key, "standard") for key in TERMS}
    assert standard >= {"neuron", "layer", "weight", "bias", "train", "validation", "test", "dropout", "epoch", "step"}


KEPT = {"step size", "step went", "dial", "dials", "step length", "step share"}
"""What is said in plain words, too: a weight is a dial there, a learning rate a step length."""


def sentences() -> list[str]:
    """Return what the keys, the tabs and the panes say of themselves, in standard words."""
    model = DashboardModel("a run")
    keys = [text for key in KEYS for text in (key.hint, key.help)]
    panes = []
    for spec in PANES:
        module, _, name = spec.factory.partition(":")
        panes.append(getattr(import_module(module), name)(model, id=spec.id).help_text())
    return [*keys, *(tab.help for tab in TABS), *panes, *REASONS.values()]


@pytest.mark.parametrize("sentence", sentences())
def test_no_word_of_the_standard_vocabulary_is_left_in_a_plain_sentence(sentence: str) -> None:
    plain = translated(sentence, "plain").lower()
    for kept in KEPT:
        plain = re.sub(rf"\b{kept}\b", "", plain)
    left = [term for term in PLAIN_WORDS if re.search(rf"\b{term}\b", plain)]
    assert left == []
    assert not re.search(r"\ban (full|way|room|clerk|handful|setting)|\ba (error|exit)\b", plain)
    assert translated(sentence, "standard") == sentence


@pytest.mark.parametrize("sentence", sentences())
def test_no_word_of_the_standard_vocabulary_is_left_in_a_sentence_of_a_committee(sentence: str) -> None:
    spoken = translated(sentence, "committee").lower()
    for kept in KEPT:
        spoken = re.sub(rf"\b{kept}\b", "", spoken)
    left = [term for term in COMMITTEE_WORDS if re.search(rf"\b{term}\b", spoken)]
    assert left == []
    assert not re.search(
        r"\ban (round|way|member|committee|docket|sitting)|\ba (absence|importance|adjustment)", spoken
    )


def test_the_three_sets_of_words_follow_each_other() -> None:
    assert next_vocabulary("standard") == "plain"
    assert next_vocabulary("plain") == "committee"
    assert next_vocabulary("committee") == "standard"


@pytest.mark.parametrize(
    ("key", "plain"),
    [
        ("backpropagation", "sending it back"),
        ("update rule", "dial − step · slope"),
        ("Adam", "step manager"),
        ("delta", "guess − truth"),
        ("overflow", "gear shatter"),
        ("clipping", "safe band"),
    ],
)
def test_words_of_the_tutorial_that_pairs_them(key: str, plain: str) -> None:
    assert TERMS[key].in_words("plain") == plain


@pytest.mark.parametrize(
    ("standard", "plain"),
    [
        ("raise epochs in the dials to go on", "raise full passes in the settings to go on"),
        ("the weights stay; turn a dial", "the dials stay; turn a setting"),
        ("all layers", "all rooms"),
        ("An epoch is over", "A full pass is over"),
        ("Weights", "Dials"),
        ("misstep of weightless players", "misstep of weightless players"),
    ],
)
def test_words_are_replaced_all_at_once_and_whole(standard: str, plain: str) -> None:
    assert translated(standard, "plain") == plain
