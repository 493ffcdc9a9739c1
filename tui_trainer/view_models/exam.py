"""How the exam of a run stands: sealed, and why it cannot be opened; or opened, and which section of it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import sanitize
from tui_trainer.formatting import count
from tui_trainer.view_models import exam_plots
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.exam_scores import Printed
from tui_trainer.view_models.run import RunModel


@dataclass
class ExamView:
    """What is shown of an opened exam.

    Attributes:
        section: Which of ``sections``, by its place.
        choice: Which class, or which of several values; None for the one that tells most.
        printed: The accuracy that a tutorial prints for this recipe, where one does.
    """

    section: int = 0
    choice: int | None = None
    printed: Printed | None = None


def sections(model: DashboardModel) -> list[str]:
    """Return the names of the sections; a sealed exam has none."""
    exam = model.run.exam
    if exam is None:
        return []
    report = exam.fullest
    names = ["scores"]
    if report.classes:
        names.append("curves")
    if report.calibration is not None:
        names.append("calibration")
    if report.values:
        names.append("errors")
    if any(each.cases for each in exam.reports) or report.confusion is not None:
        names.append("cases")
    return [*names, "openings"]


def choices(model: DashboardModel, view: ExamView) -> int:
    """Return how many classes or values there are to choose from in the section that is shown."""
    exam, names = model.run.exam, sections(model)
    if exam is None or view.section >= len(names):
        return 0
    return {"curves": len(exam.fullest.classes), "errors": len(exam.fullest.values)}.get(names[view.section], 0)


def chosen(model: DashboardModel, view: ExamView) -> int:
    """Return the class or the value that is shown."""
    exam = model.run.exam
    if exam is None:
        return 0
    most = choices(model, view)
    if view.choice is not None and most:
        return view.choice % most
    return exam_plots.hardest_class(exam) if exam.fullest.classes else 0


def exam_state(model: DashboardModel) -> str:
    """Return how the exam of the run that is shown stands, in a few words."""
    exam = model.run.exam
    if exam is not None:
        return f"opened after {model.word('epoch')} {count(exam.epoch)}"
    return "none" if why_none(model) else "sealed"


def question(model: DashboardModel) -> str:
    """Return what is asked before the exam is opened."""
    run, exam = model.run, model.run.exam
    before = "Nothing has been decided by its rows so far. "
    if exam is not None:
        before = f"It has been opened before, after {model.word('epoch')} {count(exam.epoch)}. "
    elif run.welcome.inherited_openings:
        before = f"It was opened as run {sanitize(run.welcome.inherited_openings[-1].run or '', 60)}, its origin. "
    return (
        f"{before}The network answers {rows_text(run)} as it stands now, and the run records that you looked. "
        "Whoever changes something after that and looks again is tuning on the exam."
    )


def why_not(model: DashboardModel) -> str:
    """Return why the exam cannot be opened now, empty where it can."""
    if why := why_none(model):
        return why
    if model.read_only:
        return "you may only look at this run: who opens its exam must be allowed to act"
    if model.link != "live":
        key = model.glyph("link.resume")
        return f"its worker is gone: {key} on the dashboard takes the run up again" if model.can_resume else model.why
    return ""


def why_none(model: DashboardModel) -> str:
    """Return why the run has no exam, empty where it has one."""
    refusal = model.run.refusals.get("exam")
    if refusal:
        return sanitize(refusal).removeprefix("exam: ")
    return "" if model.run.welcome.rows[2] else "this run has no rows set aside for it"


def rows_text(run: RunModel) -> str:
    """Return how many rows the exam asks, with the noun."""
    rows = run.welcome.rows[2]
    return f"{count(rows)} {'row' if rows == 1 else 'rows'}"
