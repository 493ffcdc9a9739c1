"""Claims as lines of text."""

from __future__ import annotations

from typing import Any

import presets
from presets.claims import Claim
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.claims import claim_lines
from tui_trainer.view_models.presets import PresetLine, recipe_lines, views_of
from tui_trainer.view_models.table import Cell


def texts(lines: list[list[Cell]]) -> list[str]:
    return ["".join(cell.text for cell in line) for line in lines]


def claim_of(*figures: dict[str, Any]) -> Claim:
    return Claim.model_validate({"case": "R03", "where": "the blog: a section", "figures": figures})


def test_a_figure_has_its_sign_and_both_values_and_the_reason_below() -> None:
    lines = claim_lines(
        [
            claim_of(
                {"key": "p", "published": "0.802", "ours": 0.8021838886},
                {"key": "L", "published": "0.221", "ours": 0.2204174099, "verdict": "differs", "why": "it was rounded"},
                {"key": "acc", "published": "67 %", "band": [64.0, 70.0], "verdict": "inside"},
            )
        ],
        "one-clerk",
    )
    assert texts(lines)[2:7] == [
        "R03",
        "the blog: a section",
        "✓ p    0.802 · 0.802184",
        "✕ L    0.221 · 0.220417",
        "  it was rounded",
    ]
    assert texts(lines)[7] == "○ acc  67 % · 64 to 70"
    assert [line[0].ink for line in lines[4:6]] == [Ink.GOOD, Ink.WARNING]
    assert texts(lines)[-1] == "3 figures, of which one differs. tui-trainer check one-clerk measures them again."


def test_what_the_tutorial_does_not_print_is_counted() -> None:
    lines = texts(claim_lines([claim_of({"key": "a", "ours": 1}, {"key": "b", "published": "2", "ours": 2})], "x"))
    assert "✓ b  2 · 2" in lines
    assert "  and a figure that the tutorial does not print" in lines
    assert not any(line.startswith("✓ a") for line in lines)


def test_a_matrix_is_cut() -> None:
    row = [f"{number}.123456" for number in range(20)]
    lines = texts(claim_lines([claim_of({"key": "Z", "published": row, "ours": list(map(float, row))})], "x"))
    assert max(map(len, lines)) < 140


def test_the_recipe_is_shown_without_what_stands_beside_it() -> None:
    text = presets.find("lines-perceptron").read_text(encoding="utf-8")
    lines = texts(recipe_lines(text))
    assert "[data]" in lines
    assert "[training]" in lines
    assert not any("claims" in line or "card" in line or "published" in line for line in lines)
    arrays = (
        "[network]\nweights = [\n  [[1, 2]],\n]\n[[claims]]\nfigures = [\n  {key = 'a'},\n]\n[[changes]]\nepoch = 3"
    )
    assert texts(recipe_lines(arrays)) == ["[network]", "weights = [", "  [[1, 2]],", "]", "[[changes]]", "epoch = 3"]


def test_there_are_as_many_views_as_there_is_to_show() -> None:
    assert views_of(PresetLine("x", True, "")) == ["recipe"]
    preset = presets.read("one-clerk")
    assert views_of(PresetLine("x", False, "", preset.card, preset.spec, claims=preset.claims))[-1] == "claims"
