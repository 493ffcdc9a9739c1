from __future__ import annotations

import pytest

from tui_trainer.glossary import TERMS, Term, word


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
