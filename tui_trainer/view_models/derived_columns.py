"""Derived columns beside the boundary: which are offered, and what choosing one comes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

TYPE_ONE: Final = "type formulas…"
"""The last choice: a field in which all of them are typed."""


def offered(axes: tuple[int, int], derived: Sequence[str]) -> list[str]:
    """Return the formulas that can be switched on and off: of the two axes, by their numbers, and those there are.

    Args:
        axes: Columns across and upwards, from 0; derived ones are offered nothing of.
        derived: The formulas in force or asked for.
    """
    x, y = (f"x{axis + 1}" for axis in axes)
    usual = [f"{x}^2", f"{y}^2", f"{x}*{y}", f"sin({x})", f"sin({y})"]
    return [*usual, *(formula for formula in derived if formula not in usual)]


def choice_names(formulas: Sequence[str], derived: Sequence[str]) -> list[str]:
    """Return how the choices are listed: which formulas there are, and which would come."""
    return [*(f"{'◉' if formula in derived else '○'} {formula}" for formula in formulas), TYPE_ONE]


def switched(derived: Sequence[str], formula: str) -> tuple[str, ...]:
    """Return the formulas without this one where it is among them, else with it at their end."""
    return tuple(one for one in derived if one != formula) if formula in derived else (*derived, formula)
