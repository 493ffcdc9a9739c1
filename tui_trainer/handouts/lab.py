"""The handout of a lab: its dials as they stand, what they give, and the card's questions with their answers last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from presets.cards import Card, Question
from presets.claims import Claim
from presets.labs.contract import Cell, Lab, LabResult, Settings, Table
from tui_trainer.formatting import cell_text
from tui_trainer.handouts.document import Block, Document, Formula, Heading, Paragraph

LETTERS = "abcdef"


def document(
    lab: Lab, settings: Settings, result: LabResult, card: Card | None = None, claims: Sequence[Claim] = ()
) -> Document:
    """Return what a lab shows for one setting of its dials, as a document.

    Args:
        lab: The lab.
        settings: Of its dials.
        result: What it computed for them.
        card: What is told and asked about it; nothing where it is None.
        claims: What was printed of it; their figures are those of the dials as they come.
    """
    card = card or Card()
    blocks = (
        *_told("", (card.what,) if card.what else ()),
        _dials(lab, settings),
        *((Heading("Formulas"), Formula(result.formulas)) if result.formulas else ()),
        *((Heading("Drawn"), *result.plots) if result.plots else ()),
        *((Heading("In numbers"), *result.tables) if result.tables else ()),
        *_told("What is to be seen", (*result.notes, *card.watch)),
        *_printed(claims),
        *_told("To try", card.try_),
        *_questions(card.questions),
    )
    return Document(lab.title, blocks)


def _told(title: str, sentences: tuple[str, ...]) -> Iterator[Block]:
    if sentences and title:
        yield Heading(title)
    for sentence in sentences:
        yield Paragraph(sentence)


def _printed(claims: Sequence[Claim]) -> Iterator[Block]:
    """Yield the figures that tutorials print beside ours, and why some differ."""
    rows = tuple(row for claim in claims for row in _figures(claim))
    if not rows:
        return
    yield Heading("Printed, and here")
    yield Table("With the dials as they come", ("where", "figure", "printed", "here", ""), rows)
    for claim in claims:
        for figure in claim.figures:
            if figure.why:
                yield Paragraph(f"{figure.key} ({claim.where}): {figure.why}")


def _figures(claim: Claim) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for each printed figure of a claim; the place is named once."""
    where = claim.where
    for figure in claim.figures:
        if figure.published is None:
            continue
        for key, published, ours in _entries(figure.key, figure.published, figure.ours):
            yield where, key, str(published), _written(ours), figure.verdict
            where = ""


def _entries(key: str, published: object, ours: object) -> Iterator[tuple[str, object, object]]:
    """Yield a figure, or those of a list one by one where ours is a list of as many."""
    if isinstance(published, tuple) and isinstance(ours, list) and len(published) == len(ours):
        for index, (left, right) in enumerate(zip(published, ours, strict=True)):
            yield from _entries(f"{key}[{index}]", left, right)
    else:
        yield key, published, ours


def _dials(lab: Lab, settings: Settings) -> Table:
    rows = tuple((dial.label, dial.key, _written(settings[dial.key]), dial.help) for dial in lab.dials)
    return Table("Dials", ("dial", "key", "value", "what it does"), rows)


def _written(setting: object) -> float | int | str | bool:
    return setting if isinstance(setting, float | int | str) else cell_text(setting)


def _questions(questions: tuple[Question, ...]) -> Iterator[Block]:
    """Yield questions, and after all of them the answers, where nobody reads them by mistake."""
    if not questions:
        return
    yield Heading("Questions")
    for number, question in enumerate(questions, start=1):
        choices = "".join(f"  ({letter}) {choice}" for letter, choice in zip(LETTERS, question.choices, strict=False))
        yield Paragraph(f"{number}. {question.ask}{choices}")
    yield Heading("Answers")
    for number, question in enumerate(questions, start=1):
        letter = f"({LETTERS[question.right - 1]}) " if question.right else ""
        yield Paragraph(f"{number}. {letter}{question.solution}. {question.why}")
