"""The courses on the screen: chosen, opened, asked, and what is done in them remembered."""

from __future__ import annotations

from pathlib import Path

import pytest

import presets
from engine.errors import TrainerError
from presets.courses import Task
from tests.tui_trainer.driving import Desk, dashboard, line_with
from tests.tui_trainer.fake_client import FakeClient, make_spec
from tests.tui_trainer.lessons import made_up_book
from tui_trainer.cli.program import main
from tui_trainer.learn_app import LearnApp
from tui_trainer.progress import FILE, ProgressFile, TaskEarned
from tui_trainer.screens.lab import LabScreen
from tui_trainer.screens.learn import LearnScreen
from tui_trainer.ui_config import UiConfig
from tui_trainer.view_models.tasks import TaskAtHand

SIZES = [(120, 40), (80, 24), (60, 16), (30, 8)]


def earned(folder: Path) -> set[str]:
    file = ProgressFile(folder)
    file.read()
    return set(file.progress.earned)


async def test_the_first_lesson_that_is_not_done_is_chosen_and_said(tmp_path: Path) -> None:
    async with dashboard(lessons=made_up_book(tmp_path)) as desk:
        await desk.press("L")
        for text in ("A made-up course · 0/3", "The first lesson", "0/2", "What it is, said of a network.", "0 of 3"):
            assert text in desk.text
        await desk.press("up")
        assert "nobody's tutorial" in desk.text
        await desk.press("enter")
        assert "preset breast-cancer" in desk.text


async def test_a_lesson_stands_beside_the_panes_it_speaks_of(tmp_path: Path) -> None:
    async with dashboard(lessons=made_up_book(tmp_path)) as desk:
        await desk.press("L", "enter")
        assert "7 The first lesson" in desk.text
        assert "□ Have 40 parameters at most" in desk.text
        assert any(line.startswith(" 4 Neurons ─") for line in desk.lines)
        assert desk.runs.done == []  # the run that is shown is one of this preset
        await desk.press("7", "x")
        assert "The first lesson" not in desk.text


async def test_another_preset_begins_a_run(tmp_path: Path) -> None:
    async with dashboard(FakeClient(make_spec(name="wine")), lessons=made_up_book(tmp_path)) as desk:
        await desk.press("L", "enter")
        assert [deed[0] for deed in desk.runs.done] == ["begin", "stop"]
        assert "breast-cancer-5: a new run of breast-cancer" in desk.text


async def test_a_task_is_ticked_the_moment_the_run_has_it_and_remembered(tmp_path: Path) -> None:
    async with dashboard(FakeClient(presets.load("breast-cancer")), lessons=made_up_book(tmp_path)) as desk:
        await desk.press("L", "enter")
        assert "□ Get to epoch 35" in desk.text
        await desk.train(4)
        assert earned(tmp_path) == set()
        await desk.train(1)
        assert "✓ Get to epoch 35" in desk.text
        assert "✓ task earned: Get to epoch 35" in desk.text
        assert earned(tmp_path) == {"made-up/far"}
    async with dashboard(lessons=made_up_book(tmp_path)) as desk:
        await desk.press("L")
        assert "1/2" in line_with(desk, "• The first lesson")


async def test_what_another_dashboard_has_added_is_there_when_the_courses_are_listed_again(tmp_path: Path) -> None:
    async with dashboard(lessons=made_up_book(tmp_path)) as desk:
        await desk.press("L", "escape")
        ProgressFile(tmp_path).add(TaskEarned(task="made-up/small"))
        await desk.press("L")
        assert "✓ Have 40 parameters at most" in desk.text


async def test_a_damaged_line_is_said_and_the_rest_counts(tmp_path: Path) -> None:
    ProgressFile(tmp_path).add(TaskEarned(task="made-up/small"))
    with (tmp_path / FILE).open("ab") as file:
        file.write(b"\x1b[31m\n")
    async with dashboard(lessons=made_up_book(tmp_path)) as desk:
        await desk.press("L")
        assert "a line could not be read" in desk.text
        assert "✓ Have 40 parameters at most" in desk.text


async def test_what_cannot_be_remembered_is_said(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    async with dashboard(FakeClient(presets.load("breast-cancer")), lessons=made_up_book(tmp_path)) as desk:
        await desk.press("L", "enter")
        assert "cannot be written" in desk.text
        await desk.train(5)
        assert "✓ Get to epoch 35" in desk.text


async def test_something_to_read_is_done_by_reading_it(tmp_path: Path) -> None:
    async with dashboard(lessons=made_up_book(tmp_path)) as desk:
        await desk.press("L", "down")
        assert "case  advice" in desk.text
        await desk.press("v")
        assert "Full passes pass over the study pile." in desk.text
        await desk.press("enter")
        assert "✓ Something to read" in desk.text
        assert "lab descent" in desk.text


async def test_a_lab_opens_and_leads_back_to_the_courses(tmp_path: Path) -> None:
    async with dashboard(lessons=made_up_book(tmp_path)) as desk:
        await desk.press("L", "down", "down", "enter")
        assert isinstance(desk.app.screen, LabScreen)
        await desk.press("escape")
        assert isinstance(desk.app.screen, LearnScreen)
        assert "✓ A lab" in desk.text


async def quiz(desk: Desk) -> None:
    await desk.press("L", "a")


async def test_an_answer_is_shown_after_a_guess_and_the_first_guess_counts(tmp_path: Path) -> None:
    async with dashboard(lessons=made_up_book(tmp_path)) as desk:
        await quiz(desk)
        assert "✓" not in desk.text
        await desk.press("right")
        assert "question 1 of 2" in desk.text  # what waits for an answer is not passed
        await desk.press("1")
        assert "✕ 1 one" in desk.text
        assert "✓ 3 three" in desk.text
        await desk.press("3")
        assert "Not quite" in desk.text


async def test_a_number_is_typed_and_what_is_none_is_refused(tmp_path: Path) -> None:
    async with dashboard(lessons=made_up_book(tmp_path)) as desk:
        await quiz(desk)
        await desk.press("3", "enter", "enter", "x", "enter")
        assert "expected a number" in desk.text
        await desk.press("escape", "enter", "6", "4", "1", "enter")
        assert "641 is right: it is 641. 496 + 136 + 9." in desk.text
        await desk.press("enter")
        assert "2 of 2 answered rightly" in desk.text
        await desk.press("r")
        assert "question 1 of 2" in desk.text
        await desk.press("escape", "escape", "L")
        assert "0/2" in line_with(desk, "The first lesson")


async def test_an_answer_is_remembered(tmp_path: Path) -> None:
    async with dashboard(lessons=made_up_book(tmp_path)) as desk:
        await quiz(desk)
        await desk.press("2")
    async with dashboard(lessons=made_up_book(tmp_path)) as desk:
        await desk.press("L")
        assert "1 of 2 answered, 0 rightly" in desk.text
        await desk.press("a")
        assert "question 2 of 2" in desk.text


@pytest.mark.parametrize("size", SIZES)
async def test_courses_lesson_and_questions_fit_every_screen(size: tuple[int, int], tmp_path: Path) -> None:
    async with dashboard(lessons=made_up_book(tmp_path)) as desk:
        for keys in (["L"], ["a"], ["1"], ["escape"], ["enter"], ["7"]):
            await desk.press(*keys)
            await desk.pilot.resize_terminal(*size)
            await desk.settle()
            assert max(map(len, desk.lines)) <= size[0]
            await desk.pilot.resize_terminal(120, 40)
            await desk.settle()


async def test_where_there_is_no_room_beside_the_panes_the_card_has_a_tab(tmp_path: Path) -> None:
    async with dashboard(size=(80, 24), lessons=made_up_book(tmp_path)) as desk:
        await desk.press("L", "enter")
        assert "Text of the first lesson." in desk.text
        await desk.press("2")
        assert "Text of the first lesson." not in desk.text
        assert "7 Lesson" in desk.text
        await desk.press("7")
        assert "Text of the first lesson." in desk.text


async def test_before_there_is_a_run_a_lesson_is_what_the_app_ends_with(tmp_path: Path) -> None:
    app = LearnApp(made_up_book(tmp_path), config=UiConfig())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("a", "3", "escape", "v", "enter")
        await pilot.pause()
    assert app.return_value is not None
    assert app.return_value.key == "made-up/first"
    assert app.settings_to_save.vocabulary == "plain"


async def test_before_there_is_a_run_one_leaves_with_nothing(tmp_path: Path) -> None:
    app = LearnApp(made_up_book(tmp_path), config=UiConfig())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
    assert app.return_value is None


def test_without_a_terminal_the_command_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn"]) == 2
    assert "expected a terminal" in capsys.readouterr().err


def test_a_folder_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TrainerError, match="cannot be written"):
        ProgressFile(tmp_path / "file").add(TaskEarned(task="a/b"))


async def test_frames_answer_what_a_task_measures_also_once_the_network_has_other_layers(tmp_path: Path) -> None:
    fade = Task.model_validate({"id": "fade", "say": "Let it fade", "stages": [["gradient.ratio < 0.01", "dead >= 1"]]})
    async with dashboard(FakeClient(presets.load("breast-cancer")), lessons=made_up_book(tmp_path)) as desk:
        await desk.press("L", "enter", "2")
        desk.app.model.learn.tasks = (TaskAtHand("made-up/fade", fade, presets.load("breast-cancer")),)
        await desk.train(1)
        assert set(desk.client.series) >= {"gradient_norm.0", "gradient_norm.2"}
        assert "neurons" in desk.client.views
        await desk.press("1", "a")
        await desk.train(1)
        await desk.train(1)
        assert set(desk.client.series) >= {"gradient_norm.0", "gradient_norm.3"}
        desk.app.model.learn.tasks = ()
        await desk.press("7", "x", "2")
        assert "gradient_norm.3" not in desk.client.series
