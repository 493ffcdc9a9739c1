"""How numbers of a sample's way are written, and read."""

from __future__ import annotations

import pytest

from engine.errors import InputError
from tui_trainer.view_models.by_hand_numbers import number, parse_number


@pytest.mark.parametrize("rubbish", ["", "x", "nan", "inf", "1e999", "0.1.2", "[red]"])
def test_what_is_no_number_is_refused_with_one_line(rubbish: str) -> None:
    with pytest.raises(InputError, match="expected a number"):
        parse_number(rubbish)


def test_numbers_keep_the_digits_that_count() -> None:
    written = [number(value) for value in (0.8, -0.0003801, 9.0107e-5, -0.0, 45000, 1e-9, -1.2471)]
    assert written == ["0.8", "−0.0003801", "9.011e-5", "0", "45000", "1e-9", "−1.247"]
