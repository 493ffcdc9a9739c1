"""Tasks of lessons: which of them a run has earned, stage by stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.spec import Spec
from presets.courses import Task
from tui_trainer.view_models.measures import measure
from tui_trainer.view_models.run import RunModel


@dataclass(frozen=True)
class TaskAtHand:
    """A task that runs of a preset can earn.

    Attributes:
        key: COURSE/TASK, by which it is remembered.
        task: What is to be brought about.
        recipe: The lesson's own recipe: runs of others, or on other data, do not count.
    """

    key: str
    task: Task
    recipe: Spec

    def concerns(self, run: RunModel) -> bool:
        """Return whether a run is one of the lesson's: of its recipe, on its data."""
        if not (run.is_known and run.has_recipe and run.spec.name == self.recipe.name):
            return False
        if run.spec.split != self.recipe.split or run.spec.scaler != self.recipe.scaler:
            return False
        if self.task.other_data:
            return run.spec.data.source == self.recipe.data.source
        return _drawn_as(run.spec) == _drawn_as(self.recipe)

    @property
    def measures(self) -> frozenset[str]:
        """What is measured for it."""
        return frozenset(condition.measure for stage in self.task.stages for condition in stage)


def _drawn_as(spec: Spec) -> dict[str, Any]:
    """Return how a recipe's rows are drawn or read; columns that are computed from them are the learner's to add."""
    return spec.data.model_dump(exclude={"derived"})


class TaskTracker:
    """Looks at a run, frame by frame, and says which tasks it has earned.

    What is not done in one run begins anew in the next one: stages count within a run.
    """

    def __init__(self) -> None:
        self._run = ""
        self._stages: dict[str, int] = {}

    def stages_done(self, key: str) -> int:
        """Return how many stages of a task the run that is looked at has been through."""
        return self._stages.get(key, 0)

    def look(self, run: RunModel, tasks: Iterable[TaskAtHand]) -> list[TaskAtHand]:
        """Return the tasks that are earned at this moment.

        The past does not count: nothing is looked at while a checkpoint is visited.
        """
        if run.welcome.run != self._run:
            self._run, self._stages = run.welcome.run, {}
        if not run.has_frame or run.frame.visiting is not None:
            return []
        return [task for task in tasks if task.concerns(run) and self._has_passed(task, run)]

    def _has_passed(self, task: TaskAtHand, run: RunModel) -> bool:
        """Go on through the stages of a task that hold, and return whether the last one is behind it."""
        stages = task.task.stages
        done = self.stages_done(task.key)
        while done < len(stages) and all(each.holds(measure(each.measure, run)) for each in stages[done]):
            done += 1
        self._stages[task.key] = done
        return done == len(stages)


def measures_of(tasks: Sequence[TaskAtHand]) -> frozenset[str]:
    """Return everything that is measured for tasks."""
    return frozenset(name for task in tasks for name in task.measures)
