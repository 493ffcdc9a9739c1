"""Tables of a lab as lines: aligned, wrapped where they are too wide, harmless."""

from __future__ import annotations

import math

import pytest

from presets import labs
from presets.labs.contract import LabResult, Table
from tui_trainer.formatting import cell_width
from tui_trainer.view_models.lab import LabModel
from tui_trainer.view_models.lab_text import all_words, figures_table, result_lines, table_lines
from tui_trainer.view_models.styled_text import StyledLine


def texts(lines: list[StyledLine]) -> list[str]:
    return ["".join(piece for piece, _ in line) for line in lines]


def test_numbers_of_a_column_have_equally_many_decimals_and_stand_flush_right() -> None:
    table = Table("Steps", ("step", "w", "said"), ((0, 2.5, "a"), (10, -0.0625, "bc")))
    assert texts(table_lines([table], 40)) == [
        "Steps",
        "step        w  said",
        "   0   2.5000  a",
        "  10  −0.0625  bc",
    ]


def test_numbers_of_very_different_size_have_exponents() -> None:
    lines = texts(table_lines([Table("t", ("x",), ((1e-20,), (3.0,), (math.inf,), (math.nan,), (None,)))], 40))
    assert [line.strip() for line in lines[2:]] == ["1e−20", "3", "∞", "NaN", "–"]


@pytest.mark.parametrize("width", [20, 34, 60, 100])
def test_a_table_of_texts_is_wrapped_to_the_width_and_loses_no_word(width: int) -> None:
    words = "reaches the output unhindered and is multiplied by the weight of every layer on its way"
    table = Table("Which one where", ("name", "why"), (("relu", words), ("tanh", "short")))
    lines = texts(table_lines([table], width))
    assert max(map(cell_width, lines)) <= width
    assert " ".join(" ".join(lines).split()).replace("relu ", "").count("unhindered") == 1
    assert all(word in " ".join(lines) for word in words.split())


def test_texts_from_outside_have_no_escape_codes() -> None:
    result = LabResult(values={}, tables=(Table("\x1b[31mt", ("\x1b]0;x",), (("\x1b[2J",),)),), notes=("a\x1b[0m",))
    lines = texts(table_lines(result.tables, 40)) + texts(result_lines(result, 40))
    assert all(line.isprintable() for line in lines)


def test_figures_have_the_names_that_the_command_line_prints() -> None:
    result = LabResult(values={"A06": {"w": 0.1, "rows": [[0, 2.5], [1, 1.0]], "by": {"a": 1}}, "own": {"n": None}})
    table = figures_table(result)
    assert table is not None
    assert table.rows == (
        ("A06", "w", "0.1"),
        ("", "rows", "[0, 2.5], [1, 1]"),
        ("", "by", "a 1"),
        ("own", "n", "–"),
    )
    assert figures_table(LabResult(values={})) is None


def test_what_is_said_ends_with_what_the_tutorials_print_and_why_it_is_another() -> None:
    model = LabModel(labs.lab("learning-rate"))
    for width in (36, 80):
        lines = texts(all_words(model, width))
        at = lines.index("What the tutorials print")
        assert any("A07_lr_scenarios" in line for line in lines[at:])
        assert any(line.startswith("✕") for line in lines[at:])
        assert max(map(cell_width, lines)) <= width
