"""What a verdict says to try, done: changes of the run that is shown, or a new one."""

from __future__ import annotations

from engine.run.verdicts import Cure, Verdict
from tui_trainer.screens.dashboard import DashboardScreen
from tui_trainer.view_models.verdicts import standing, takes_new_run


class Curing:
    """Applies the cures of verdicts on a dashboard's run.

    Args:
        dashboard: Steers the run, and goes to another.
    """

    def __init__(self, dashboard: DashboardScreen) -> None:
        self._dashboard = dashboard
        self._model = dashboard.model

    def can(self, number: int | None = None) -> bool:
        """Return whether a verdict stands, the gravest by default, whose cure can be applied now."""
        cure = self._cure(number)
        if cure is None:
            return False
        if takes_new_run(cure, self._model):
            return self._dashboard.navigator.can_make("restart")
        return self._model.may_steer

    def begin(self, number: str | None = None) -> None:
        """Apply the cure of a verdict, of the gravest that stands by default."""
        cure = self._cure(None if number is None else int(number))
        if cure is None:
            return
        if takes_new_run(cure, self._model):
            self._dashboard.go(self._dashboard.navigator.cure(cure))
        else:
            self._dashboard.run_worker(self._dashboard.steering.cure(cure), name="cure", group="cure")

    def _cure(self, number: int | None) -> Cure | None:
        verdicts: list[Verdict] = standing(self._model.run.verdicts.values())
        chosen = verdicts if number is None else [each for each in verdicts if each.number == number]
        return chosen[0].cure if chosen else None
