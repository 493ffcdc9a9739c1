from __future__ import annotations

import pytest

from tests.exams import breast_cancer_exam, full_exam
from tests.tui_trainer.fake_client import make_welcome
from tui_trainer.handouts import html, markdown
from tui_trainer.handouts.exam import document
from tui_trainer.view_models.exam_scores import Printed


def test_the_handout_has_scores_curves_mistakes_and_what_was_printed() -> None:
    text = markdown.written(document(make_welcome(), breast_cancer_exam(), Printed(0.974, "A blog, part 2")))
    for told in (
        "# Exam of breast-cancer-3",
        "111 of 114 right; 95 %: 92.5 % to 99.1 % (Wilson).",
        "Printed: 0.974 (A blog, part 2).",
        "area under ROC",
        "row 73: malignant, answered benign, sure to 0.962",
        "after epoch 50: loss 0.0594, accuracy 0.9737",
    ):
        assert told in text
    assert text.count("<svg") == 3


@pytest.mark.parametrize(("kind", "seeds"), [("two", 4), ("three", 1), ("three", 4), ("values", 1)])
def test_every_task_and_many_seeds_have_a_handout(kind: str, seeds: int) -> None:
    classes = {"two": ("no", "yes"), "three": ("<b>a</b>", "b|c", "c\n# d"), "values": ()}[kind]
    welcome = make_welcome(classes=classes, seeds=tuple(range(42, 42 + seeds)), feature_names=("x1", "x2"))
    exam = full_exam(kind, seeds)
    for written in (markdown.written, html.written):
        text = written(document(welcome, exam))
        assert text.count("<svg") == (2 if kind == "values" else 3)
        assert "<b>a" not in text
        assert not any(line.startswith("# d") for line in text.splitlines())
