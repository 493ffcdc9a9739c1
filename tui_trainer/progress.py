"""What a learner has done: ``progress.jsonl`` beside the runs, a line for each lesson, task and answer.

Lines are only ever added, each in one write, so that two dashboards may write at once; one that cannot be read is
left out, and the others count.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from engine.errors import TrainerError, sanitize
from presets.cards import Question

FILE: Final = "progress.jsonl"
MOST_BYTES: Final = 2**24
"""Of the file that are read; a hundred thousand answers take less."""

Key = Annotated[str, Field(min_length=1, max_length=200)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class LessonOpened(_Entry):
    """A lesson was opened."""

    kind: Literal["lesson"] = "lesson"
    lesson: Key


class TaskEarned(_Entry):
    """A task was earned in a run."""

    kind: Literal["task"] = "task"
    task: Key
    run: str = ""


class Answered(_Entry):
    """A question of a lesson was answered."""

    kind: Literal["answer"] = "answer"
    lesson: Key
    question: Key
    guess: float
    right: bool


class AskedAgain(_Entry):
    """The questions of a lesson are asked again: the answers so far count no more."""

    kind: Literal["again"] = "again"
    lesson: Key


Entry = LessonOpened | TaskEarned | Answered | AskedAgain
_ENTRIES: Final[TypeAdapter[Entry]] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


def question_key(question: Question) -> str:
    """Return by what a question is remembered, wherever it stands on its card: its wording."""
    return hashlib.sha256(question.ask.encode()).hexdigest()[:12]


@dataclass
class Progress:
    """What has been done so far.

    Attributes:
        opened: Lessons that were opened, as COURSE/LESSON.
        earned: Tasks that were earned, as COURSE/TASK, each with the name of the run in which it was.
        answers: By lesson and question the first answer since they were last asked anew.
    """

    opened: set[str] = field(default_factory=set)
    earned: dict[str, str] = field(default_factory=dict)
    answers: dict[tuple[str, str], Answered] = field(default_factory=dict)

    def apply(self, entry: Entry) -> None:
        """Take in what was done."""
        match entry:
            case LessonOpened():
                self.opened.add(entry.lesson)
            case TaskEarned():
                self.earned.setdefault(entry.task, entry.run)
            case Answered():
                self.answers.setdefault((entry.lesson, entry.question), entry)
            case AskedAgain():
                self.answers = {key: answer for key, answer in self.answers.items() if key[0] != entry.lesson}

    def answer(self, lesson: str, question: Question) -> Answered | None:
        """Return the answer to a question, None where it waits for one."""
        return self.answers.get((lesson, question_key(question)))

    def score(self, lesson: str, questions: Sequence[Question]) -> tuple[int, int]:
        """Return how many questions of a lesson were answered rightly, and how many were answered."""
        answers = [answer for question in questions if (answer := self.answer(lesson, question)) is not None]
        return sum(answer.right for answer in answers), len(answers)


class ProgressFile:
    """The file, and what is known from it.

    Args:
        folder: Where it is, or will be.

    Attributes:
        progress: What has been done.
        complaint: One line about what could not be read or written; empty where all could.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self.progress = Progress()
        self.complaint = ""

    def read(self) -> None:
        """Read what there is; what cannot be read is left out, and ``complaint`` says so."""
        self.progress, self.complaint = Progress(), ""
        try:
            with self._path.open("rb") as file:
                raw = file.read(MOST_BYTES)
        except FileNotFoundError:
            return
        except OSError as error:
            self.complaint = (
                f"progress cannot be read ({error.strerror}), and is not remembered: {sanitize(self._path)}"
            )
            return
        damaged = 0
        for entry in _entries(raw):
            if entry is None:
                damaged += 1
            else:
                self.progress.apply(entry)
        if damaged:
            lines = "a line" if damaged == 1 else f"{damaged} lines"
            self.complaint = f"{lines} could not be read, the others count: {sanitize(self._path)}"

    def add(self, entry: Entry) -> None:
        """Take in what was done, and remember it.

        Raises:
            TrainerError: It cannot be written; it counts until the program ends.
        """
        self.progress.apply(entry)
        line = json.dumps(entry.model_dump(), ensure_ascii=False).encode() + b"\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._append(line)
        except OSError as error:
            raise TrainerError(f"progress cannot be written ({error.strerror}): {sanitize(self._path)}") from None

    def _append(self, line: bytes) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            is_cut_off = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            os.write(descriptor, b"\n" * is_cut_off + line)
        finally:
            os.close(descriptor)


def _entries(raw: bytes) -> Iterator[Entry | None]:
    """Yield what the lines of a file say, None for one that cannot be read."""
    for line in raw.split(b"\n"):
        if not line.strip():
            continue
        try:
            document: Any = json.loads(line)
            yield _ENTRIES.validate_python(document)
        except (ValueError, ValidationError, RecursionError):
            yield None
