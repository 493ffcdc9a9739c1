"""Columns of two answers, in the words that programs and people of several countries write."""

from __future__ import annotations

from collections.abc import Sequence

AFFIRMATIVE = {
    "true",
    "t",
    "yes",
    "y",
    "on",
    "wahr",
    "ja",
    "j",
    "vrai",
    "oui",
    "o",
    "verdadero",
    "sí",
    "si",
    "vero",
    "sim",
}
CONTRARY = {"false", "f", "no", "n", "off", "falsch", "nein", "faux", "non", "falso", "não", "nao"}


def numbers(texts: Sequence[str]) -> list[float] | None:
    """Return 1 for the affirmative of two different ``texts`` and 0 for its contrary; None if they are no such pair."""
    lowered = [text.lower() for text in texts]
    if len(set(lowered)) != 2 or not all(text in AFFIRMATIVE | CONTRARY for text in lowered):
        return None
    answers = [float(text in AFFIRMATIVE) for text in lowered]
    return answers if len(set(answers)) == 2 else None
