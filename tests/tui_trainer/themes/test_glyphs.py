from __future__ import annotations

from tui_trainer.themes.glyphs import table_of
from tui_trainer.view_models.class_signs import TRAIN_SHAPES, VALIDATION_SHAPES


def test_every_sign_of_the_screen_has_its_own_letter() -> None:
    table = table_of("ascii")
    assert table is not None
    assert "keep ◉ fresh ○  β₁  ε  ◆ best".translate(table) == "keep @ fresh o  b1  e  D best"
    assert "σ′(z) = e⁻ᶻ, η ∂L/∂w ≤ π".translate(table) == "s'(z) = e-z, n dL/dw < p"
    written = TRAIN_SHAPES.translate(table)
    assert "?" not in written + VALIDATION_SHAPES.translate(table)
    assert len(set(written)) == len(TRAIN_SHAPES)
    assert not set(written) & set(VALIDATION_SHAPES.translate(table))
