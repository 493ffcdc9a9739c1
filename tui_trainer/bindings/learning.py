"""Keys of the courses and their questions."""

from __future__ import annotations

from typing import Final

from tui_trainer.bindings.key import Key

COURSE_KEYS: Final[tuple[Key, ...]] = (
    Key("learn.up", "up", "choose(-1)", "choose", "The lesson above", 5, "learn"),
    Key("learn.down", "down", "choose(1)", "choose", "The lesson below", 5, "learn"),
    Key("learn.take", "enter", "take", "open", "Open the lesson: its preset, or its lab", 0, "learn"),
    Key("learn.ask", "a", "ask", "questions", "Answer the questions of the lesson", 1, "learn"),
    Key("learn.page.down", "pagedown", "scroll(1)", "text", "Scroll the lesson down", 3, "learn"),
    Key("learn.page.up", "pageup", "scroll(-1)", "text", "Scroll the lesson up", 3, "learn"),
    Key("learn.words", "v", "words", "words", "Plain words, a committee's, or the standard ones", 6, "learn"),
    Key("learn.help", "question_mark", "help", "help", "What is listed here, and all keys", 4, "learn"),
    Key("learn.back", "escape,q,L", "back", "back", "Back to where you came from", 0, "learn"),
)
"""Keys of the list of courses."""

QUIZ_KEYS: Final[tuple[Key, ...]] = (
    *(
        Key(f"quiz.{n}", str(n), f"guess({n})", "answer", f"Take choice {n} for the answer", 1, "quiz")
        for n in range(1, 7)
    ),
    Key("quiz.type", "enter", "type", "type", "Type the number that is asked for", 0, "quiz"),
    Key(
        "quiz.next",
        "right,enter,n",
        "turn(1)",
        "next",
        "The next question; after the last one the score",
        0,
        "quiz",
        glyph="enter",
    ),
    Key("quiz.before", "left,p", "turn(-1)", "before", "The question before", 3, "quiz"),
    Key("quiz.again", "r", "again", "again", "Ask all questions anew; the answers so far count no more", 1, "quiz"),
    Key("quiz.up", "up", "scroll(-1)", "scroll", "A line up", 4, "quiz"),
    Key("quiz.down", "down", "scroll(1)", "scroll", "A line down", 4, "quiz"),
    Key("quiz.words", "v", "words", "words", "Plain words, a committee's, or the standard ones", 6, "quiz"),
    Key("quiz.help", "question_mark", "help", "help", "How it is counted, and all keys", 4, "quiz"),
    Key("quiz.back", "escape,q", "back", "back", "Back to where you came from", 0, "quiz"),
)
"""Keys of a lesson's questions."""
