"""The handout of a lab: all that it shows, the card's words, answers after all questions."""

from __future__ import annotations

import pytest

from presets import labs
from presets.cards import Card
from presets.claims import lab_claims
from presets.labs.contract import Plot, Table
from tui_trainer.handouts import html, markdown, text
from tui_trainer.handouts.document import Document, Heading, Paragraph
from tui_trainer.handouts.lab import document

CARD = Card.model_validate(
    {
        "what": "What it is.",
        "watch": ["Watch this."],
        "try": ["Try that."],
        "questions": [
            {"ask": "Which way?", "choices": ["up", "down"], "right": 2, "why": "The slope is positive."},
            {"ask": "How much?", "answer": 0.6, "why": "Two thirds of 0.9."},
        ],
    }
)


def handout(name: str, card: Card | None = None) -> Document:
    lab = labs.lab(name)
    return document(lab, lab.defaults, lab.compute(lab.defaults), card)


@pytest.mark.parametrize("name", labs.names())
def test_everything_that_a_lab_shows_is_in_its_handout(name: str) -> None:
    found, result = handout(name), labs.lab(name).compute(labs.lab(name).defaults)
    titles = [block.title for block in found.blocks if isinstance(block, Table | Plot)]
    assert titles == ["Dials", *(plot.title for plot in result.plots), *(table.title for table in result.tables)]
    written = html.written(found)
    assert written.count("<svg") == len(result.plots)
    assert markdown.written(found).startswith("# ")
    assert "…" not in text.written(found)


def test_the_answers_come_after_all_questions() -> None:
    paragraphs = [block.text for block in handout("descent", CARD).blocks if isinstance(block, Paragraph)]
    assert paragraphs[0] == "What it is."
    assert paragraphs[-4:] == [
        "1. Which way?  (a) up  (b) down",
        "2. How much?",
        "1. (b) down. The slope is positive.",
        "2. 0.6. Two thirds of 0.9.",
    ]
    headings = [block.text for block in handout("descent", CARD).blocks if isinstance(block, Heading)]
    assert headings[-4:] == ["What is to be seen", "To try", "Questions", "Answers"]


def test_without_a_card_nothing_is_asked() -> None:
    headings = [block.text for block in handout("descent").blocks if isinstance(block, Heading)]
    assert headings == ["Formulas", "Drawn", "In numbers", "What is to be seen"]


def test_plots_that_follow_each_other_stand_side_by_side() -> None:
    """A page of paper has no room for six of them one below the other."""
    written = html.written(handout("learning-rate"))
    assert written.count('<div class="plots">') == 1
    assert written.count("<figure>") == 6
    assert '<div class="plots">' not in html.written(handout("shapes"))  # it has one


def test_what_a_tutorial_printed_stands_beside_what_comes_out() -> None:
    lab = labs.lab("vanishing-gradient")
    found = document(lab, lab.defaults, lab.compute(lab.defaults), claims=lab_claims(lab.name))
    (table,) = [block for block in found.blocks if isinstance(block, Table) and "dials as they come" in block.title]
    assert table.rows[0][1:] == ("layers[0]", "2.50e-01", 0.25, "holds")
    assert len(table.rows) == 10


def test_a_figure_that_differs_says_why() -> None:
    lab = labs.lab("activations")
    found = document(lab, lab.defaults, lab.compute(lab.defaults), claims=lab_claims(lab.name))
    said = [block.text for block in found.blocks if isinstance(block, Paragraph)]
    (why,) = [text for text in said if text.startswith("a2 (")]
    assert ".8808" in why


@pytest.mark.parametrize("name", ["dropout", "losses", "activations"])
def test_on_a_narrow_terminal_texts_in_tables_are_broken_and_none_is_lost(name: str) -> None:
    lab = labs.lab(name)
    result = lab.compute(lab.defaults)
    found = Document("T", result.tables)
    lines = text.written(found, 80).splitlines()
    assert max(map(len, lines)) <= 80
    words = " ".join(lines).split()
    cells = [cell for table in result.tables for row in table.rows for cell in row if isinstance(cell, str)]
    assert set(" ".join(cells).split()) <= set(words)
