"""What claims need that is neither a run nor by hand: facts of the data, proofs, programs as they are printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.errors import InputError, nearest
from presets.check.facts import breast_cancer, lines, pictures, plants, printed_code, spirals

FACTS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {
    "breast-cancer split": breast_cancer.split,
    "patient 203": breast_cancer.patient_203,
    "exam of 114": breast_cancer.exam_of_114,
    "ReLU before the logarithm": breast_cancer.relu_before_logarithm,
    "lines as drawn": lines.as_drawn,
    "lines and separability": lines.separability,
    "settings of ten dials": lines.settings_of_ten_dials,
    "plants as drawn": plants.as_drawn,
    "draws of seed 2": plants.draws_of_seed_2,
    "swapped update": plants.swapped_update,
    "pixel 35": pictures.pixel_35,
    "spirals as drawn": spirals.as_drawn,
    "spirals on one curve": spirals.on_one_curve,
    "spirals and rounding": spirals.rounding,
    "printed calls": printed_code.crashes,
    "general backprop": plants.general_backprop,
}
"""What works out each of them, by the name that claims have for it."""


def values(name: str) -> dict[str, Any]:
    """Return the values of a fact by their names.

    Raises:
        InputError: There is no such fact.
    """
    if name not in FACTS:
        raise InputError(f"there is no fact {name!r} to check a claim by{nearest(name, FACTS)}")
    return FACTS[name]()
