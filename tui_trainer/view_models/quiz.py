"""Questions, one after the other: a guess, then the answer and why; at the end the score."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.errors import InputError, sanitize
from presets.cards import Question
from tui_trainer.formatting import cell_text
from tui_trainer.glossary import Vocabulary, translated
from tui_trainer.progress import Answered, question_key
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.cards import paragraph_lines
from tui_trainer.view_models.learn import LearnModel, LessonPlace
from tui_trainer.view_models.styled_text import StyledLine, wrapped_line

GRADES: Final = (
    (1.0, "all of it: on to the next lesson"),
    (0.8, "sound; one look at what went wrong will do"),
    (0.6, "half-way there: read again what went wrong"),
    (0.0, "worth another walk through the lesson"),
)
"""What a share of right answers means, from which share on."""


class QuizModel:
    """The questions of a lesson, and which of them is before the learner.

    Attributes:
        index: The question, from 0; their number where the score is shown.
    """

    def __init__(self, learn: LearnModel, place: LessonPlace) -> None:
        self.learn = learn
        self.place = place
        self.index = self._first_open()

    @property
    def question(self) -> Question | None:
        """The question before the learner, None where the score is shown."""
        return self.place.questions[self.index] if self.index < len(self.place.questions) else None

    @property
    def answer(self) -> Answered | None:
        """The answer to it, None while it waits for one."""
        return self.learn.progress.answer(self.place.key, self.question) if self.question else None

    @property
    def waits(self) -> bool:
        """Whether a question is before the learner that waits for an answer."""
        return self.question is not None and self.answer is None

    @property
    def place_text(self) -> str:
        """Which question of how many it is."""
        total = len(self.place.questions)
        return f"question {self.index + 1} of {total}" if self.question else "score"

    def parse(self, text: str) -> Answered:
        """Return the answer that a text is.

        Raises:
            InputError: Not a number, or not one of the choices.
        """
        question = self.question
        if question is None:
            raise InputError("there is no question")
        try:
            guess = float(text.strip().replace(",", ".").replace("−", "-"))
        except ValueError:
            guess = float("nan")
        if not abs(guess) < float("inf"):
            got = f" (got {sanitize(text, 30)})" if text.strip() else ""
            raise InputError(f"expected a number{got}")
        if question.choices and guess not in range(1, len(question.choices) + 1):
            raise InputError(f"expected one of the choices, 1 to {len(question.choices)}")
        key = question_key(question)
        return Answered(lesson=self.place.key, question=key, guess=guess, right=question.is_right(guess))

    def can_turn(self, step: int) -> bool:
        """Return whether there is a question, or the score, in a direction; what waits for an answer is not passed."""
        return self.index > 0 if step < 0 else self.question is not None and not self.waits

    def turn(self, step: int) -> None:
        """Go to the next question or the one before."""
        if self.can_turn(step):
            self.index += step

    def begin_again(self) -> None:
        """Go to the first question that waits."""
        self.index = self._first_open()

    def _first_open(self) -> int:
        answers = [self.learn.progress.answer(self.place.key, question) for question in self.place.questions]
        return answers.index(None) if None in answers else len(answers)


def quiz_lines(quiz: QuizModel, width: int, vocabulary: Vocabulary) -> list[StyledLine]:
    """Return the question with its choices, and once it is answered what is right and why; or the score."""
    question, answer = quiz.question, quiz.answer
    if question is None:
        return _score_lines(quiz, width, vocabulary)
    lines = [*paragraph_lines(question.ask, width, vocabulary, Ink.BRIGHT), []]
    lines += [line for choice in _choices(question, answer) for line in _choice_lines(*choice, width, vocabulary)]
    if answer is None:
        how = "press the number of your answer" if question.choices else "press enter, and type a number"
        return [*lines, *([[]] if question.choices else []), [(how, Ink.MUTED)]]
    why = (translated(question.why, vocabulary), Ink.TEXT)
    return [*lines, *([[]] if question.choices else []), *wrapped_line([*_verdict(question, answer), why], width)]


def _choices(question: Question, answer: Answered | None) -> Iterator[tuple[int, str, str, int]]:
    """Yield number, text, sign and ink of every choice; none is told from the others before a guess."""
    for number, choice in enumerate(question.choices, 1):
        if answer is None:
            yield number, choice, " ", Ink.TEXT
        elif number == question.right:
            yield number, choice, "✓", Ink.GOOD
        elif number == answer.guess:
            yield number, choice, "✕", Ink.ERROR
        else:
            yield number, choice, " ", Ink.MUTED


def _choice_lines(
    number: int, choice: str, sign: str, ink: int, width: int, vocabulary: Vocabulary
) -> list[StyledLine]:
    return wrapped_line([(f"{sign} ", ink), (f"{number} ", Ink.KEY), (translated(choice, vocabulary), ink)], width, 4)


def _verdict(question: Question, answer: Answered) -> StyledLine:
    if question.choices:
        return [("Right. ", Ink.GOOD) if answer.right else ("Not quite. ", Ink.WARNING)]
    if answer.right:
        return [(f"{cell_text(answer.guess)} is right: it is {cell_text(question.answer)}. ", Ink.GOOD)]
    return [
        (f"{cell_text(answer.guess)} is not it. It is ", Ink.WARNING),
        (f"{cell_text(question.answer)}. ", Ink.BRIGHT),
    ]


def _score_lines(quiz: QuizModel, width: int, vocabulary: Vocabulary) -> list[StyledLine]:
    questions = quiz.place.questions
    right, _ = quiz.learn.progress.score(quiz.place.key, questions)
    grade = next(text for share, text in GRADES if right >= share * len(questions))
    lines: list[StyledLine] = [[(f"{right} of {len(questions)}", Ink.BRIGHT), (" answered rightly", Ink.TEXT)]]
    lines += [*paragraph_lines(grade, width, vocabulary), []]
    for number, question in enumerate(questions, 1):
        answer = quiz.learn.progress.answer(quiz.place.key, question)
        sign = ("✓ ", Ink.GOOD) if answer and answer.right else ("✕ ", Ink.WARNING)
        lines += wrapped_line([sign, (f"{number} {translated(question.ask, vocabulary)}", Ink.TEXT)], width, 4)
    return lines
