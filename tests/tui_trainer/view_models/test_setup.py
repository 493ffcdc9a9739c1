"""Setting up a training on a data file, without a screen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.spec.finding import ColumnFinding, DataFinding
from tests.tui_trainer.findings import finding
from tui_trainer.formatting import cell_width
from tui_trainer.view_models.setup import Selection, SetupModel, setup_lines


def texts(model: SetupModel, width: int = 76, height: int = 22) -> list[str]:
    return ["".join(text for text, _ in line.pieces) for line in setup_lines(model, width, height)]


def test_what_was_found_is_said_and_every_column_has_its_kind() -> None:
    shown = "\n".join(texts(SetupModel(finding())))
    assert "240 rows, separated by comma" in shown
    assert "target: price, a value" in shown
    assert "[ ] id" in shown
    assert "whole numbers that count up" in shown
    assert "[▶] price" in shown


def test_settings_are_turned_and_stand_in_the_recipe() -> None:
    model = SetupModel(finding())
    model.turn(1)
    model.move(3)
    model.turn(1)
    assert (model.spec().split.validation, model.spec().scaler.targets) == (0.3, "none")
    model.turn(-1)
    assert model.spec().scaler.targets == "standard"
    model.move(-99)
    assert model.cursor == 0


def test_columns_go_in_and_out_and_become_the_target() -> None:
    model = SetupModel(finding(), Selection(targets=("price",)))
    assert (model.toggled(), model.retargeted()) == (None, None)
    names = [column.name for column in model.columns]
    model.cursor = len(model.settings) + names.index("id")
    assert model.toggled() == Selection(("price",), (), ("id",))
    model.move(1)
    assert model.toggled() == Selection(("price",), ("size",), ())
    assert model.retargeted() == Selection(("size",), (), ())
    model.selection = Selection(("price",), ("size",), ())
    dropped = [c.model_copy(update={"used": c.used and c.name != "size"}) for c in model.finding.columns]
    model.adopt(model.finding.model_copy(update={"columns": tuple(dropped)}), model.selection)
    assert model.column is not None
    assert model.column.name == "size"
    assert model.toggled() == Selection(("price",), (), ())


def test_rows_count_as_a_column_says_until_it_is_taken_in_or_predicted() -> None:
    model = SetupModel(finding(), Selection(targets=("price",)))
    assert model.weighed() is None
    names = [column.name for column in model.columns]
    model.cursor = len(model.settings) + names.index("size")
    chosen = model.weighed()
    assert chosen == Selection(("price",), weight="size")
    left_out = [c.model_copy(update={"used": c.used and c.name != "size"}) for c in model.finding.columns]
    model.adopt(model.finding.model_copy(update={"columns": tuple(left_out)}), chosen)
    assert any("[w] size" in line and "weight" in line for line in texts(model))
    assert model.weighed() == model.toggled() == Selection(("price",))
    assert model.retargeted() == Selection(("size",))
    model.move(1)
    assert model.retargeted() == Selection((model.columns[model.cursor - len(model.settings)].name,), weight="size")


def test_a_choice_that_means_nothing_for_another_target_is_forgotten() -> None:
    model = SetupModel(finding(), chosen={"scaler.targets": "none", "split.test": 0.1})
    classes = finding(classes=(("no", 100), ("yes", 140)))
    model.adopt(classes, Selection(targets=("garden",)))
    assert model.chosen == {"split.test": 0.1}
    assert "2 classes (no 100, yes 140)" in "\n".join(texts(model))


@given(width=st.integers(1, 130), height=st.integers(3, 50), cursor=st.integers(0, 60), columns=st.integers(0, 50))
def test_it_fits_every_screen_and_the_cursor_is_in_sight(width: int, height: int, cursor: int, columns: int) -> None:
    many = tuple(ColumnFinding(name=f"列{number}\x1b[31m", kind="number") for number in range(columns))
    model = SetupModel(DataFinding.model_copy(finding(), update={"columns": many}))
    model.move(cursor)
    lines = texts(model, width, height)
    assert len(lines) <= height
    assert "\x1b" not in "".join(lines)
    assert all(cell_width(line) <= max(width, 12) for line in lines)
    if height > len(model.settings) + 4 and width > 20 and model.column is not None:
        assert any(f"列{model.cursor - len(model.settings) - 1}" in line or "▶" in line for line in lines)
