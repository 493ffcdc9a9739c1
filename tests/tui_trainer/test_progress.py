"""What a learner has done is remembered, whatever happens to the file."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import TrainerError
from presets.cards import Question
from tests.properties import examples
from tui_trainer.progress import FILE, Answered, AskedAgain, Entry, LessonOpened, ProgressFile, TaskEarned, question_key

WHICH = Question(ask="Which?", choices=("this", "that"), right=2, why="so")
HOW_MANY = Question(ask="How many?", answer=641, why="so")


def answered(question: Question, guess: float, lesson: str = "a/b") -> Answered:
    return Answered(lesson=lesson, question=question_key(question), guess=guess, right=question.is_right(guess))


def read(folder: Path) -> ProgressFile:
    file = ProgressFile(folder)
    file.read()
    return file


def test_without_a_file_nothing_has_been_done(tmp_path: Path) -> None:
    file = read(tmp_path / "not there")
    assert (file.progress.opened, file.progress.earned, file.complaint) == (set(), {}, "")


def test_what_was_done_is_there_again(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    file = read(folder)
    entries: list[Entry] = [
        LessonOpened(lesson="a/b"),
        TaskEarned(task="a/t", run="xor-1"),
        TaskEarned(task="a/t", run="xor-2"),
        answered(WHICH, 2),
        answered(HOW_MANY, 640),
        answered(HOW_MANY, 641),
    ]
    for entry in entries:
        file.add(entry)
    again = read(folder)
    assert again.progress == file.progress
    assert again.progress.opened == {"a/b"}
    assert again.progress.earned == {"a/t": "xor-1"}
    assert again.progress.score("a/b", [WHICH, HOW_MANY]) == (1, 2)
    assert again.complaint == ""


def test_questions_that_are_asked_again_count_anew(tmp_path: Path) -> None:
    file = read(tmp_path)
    for entry in (answered(WHICH, 1), answered(WHICH, 1, "a/other"), AskedAgain(lesson="a/b"), answered(WHICH, 2)):
        file.add(entry)
    assert read(tmp_path).progress.score("a/b", [WHICH]) == (1, 1)
    assert read(tmp_path).progress.score("a/other", [WHICH]) == (0, 1)


@pytest.mark.parametrize(
    "damage",
    [
        b"\x00\xff\xfe\n",
        b"{\n",
        b"[]\n",
        b'{"kind":"task"}\n',
        b'{"kind":"lesson","lesson":5}\n',
        b'{"kind":"lesson","lesson":"' + b"x" * 300 + b'"}\n',
        b'{"kind":"answer","lesson":"a/b","question":"q","guess":NaN,"right":true}\n',
        b"[" * 100_000 + b"\n",
        b'{"kind":"from a later version","lesson":"a/c"}\n',
        b'{"kind":"lesson","less',  # cut off while it was written
    ],
)
def test_a_damaged_line_takes_no_other_with_it(tmp_path: Path, damage: bytes) -> None:
    read(tmp_path).add(LessonOpened(lesson="a/b"))
    with (tmp_path / FILE).open("ab") as file:
        file.write(damage)
    found = read(tmp_path)
    assert "a line could not be read" in found.complaint
    found.add(TaskEarned(task="a/t"))
    again = read(tmp_path).progress
    assert (again.opened, set(again.earned)) == ({"a/b"}, {"a/t"})


@settings(max_examples=examples(60))
@given(rubbish=st.binary(max_size=300))
def test_no_file_is_too_damaged_to_go_on_with(tmp_path_factory: pytest.TempPathFactory, rubbish: bytes) -> None:
    folder = tmp_path_factory.mktemp("rubbish")
    (folder / FILE).write_bytes(rubbish)
    read(folder).add(LessonOpened(lesson="a/b"))
    assert "a/b" in read(folder).progress.opened


def test_a_file_that_cannot_be_read_or_written_is_said_and_counts_until_the_end(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    file = read(tmp_path)
    assert "cannot be read" in file.complaint
    with pytest.raises(TrainerError, match="cannot be written"):
        file.add(LessonOpened(lesson="a/b"))
    assert file.progress.opened == {"a/b"}


def test_two_dashboards_may_write_at_once(tmp_path: Path) -> None:
    def write(name: str) -> None:
        file = read(tmp_path)
        for number in range(50):
            file.add(LessonOpened(lesson=f"{name}/{number}"))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read(tmp_path).progress.opened) == 200
    assert all(json.loads(line) for line in (tmp_path / FILE).read_text().splitlines())
