"""Verdicts made of what a rule has found: since when, by which numbers, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.judgement.case import Curves, LayerGradients
from engine.judgement.stretches import Stretch
from engine.run.verdicts import Cure, Verdict, VerdictName


def verdicts_of_stretches(
    measured: Curves | LayerGradients,
    name: VerdictName,
    found: Sequence[Stretch],
    evidence: Callable[[int], str],
    advice: str,
    cure: Cure | None,
) -> list[Verdict]:
    """Return the verdicts of stretches of what was measured, with the first numbers that said so and the latest."""
    epochs = measured.epochs
    return [
        Verdict(
            name=name,
            since=int(epochs[stretch.first]),
            told=int(epochs[stretch.known]),
            until=None if stretch.open else int(epochs[stretch.last + 1]),
            evidence=evidence(stretch.known),
            lately=evidence(stretch.last) if stretch.last > stretch.known else "",
            advice=advice,
            cure=cure,
        )
        for stretch in found
    ]


def verdict_at(name: VerdictName, since: int, evidence: str, advice: str, cure: Cure | None = None) -> Verdict:
    """Return a verdict that stands, and was plain at the epoch at which it began."""
    return Verdict(name=name, since=since, told=since, evidence=evidence, advice=advice, cure=cure)


def verdict_from_the_start(name: VerdictName, evidence: str, advice: str, cure: Cure | None = None) -> Verdict:
    """Return a verdict that stood before the first step."""
    return verdict_at(name, 0, evidence, advice, cure)


def say(number: float) -> str:
    """Return a number in three digits."""
    return f"{number:.3g}".replace("-", "−")
