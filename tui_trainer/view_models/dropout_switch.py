"""One switch for the dropout of all layers: off, and on again as it was."""

from __future__ import annotations

from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.requests import TurnDial


class DropoutSwitch:
    """Remembers the rates that it has switched off.

    Args:
        model: The run, and what was asked for.
    """

    def __init__(self, model: DashboardModel) -> None:
        self._model = model
        self._rates: dict[str, float] = {}

    @property
    def can_switch(self) -> bool:
        """Whether there is a rate to switch off, or one to go back to."""
        return self._model.may_steer and bool(self._rates_to_be())

    def switch(self) -> list[TurnDial]:
        """Return how the dials are to be turned from what they are last set to, and remember what that was."""
        to_be, model = self._rates_to_be(), self._model
        turned = [dial for dial in model.dials if dial.path in to_be]
        self._rates |= {dial.path: model.value(dial, model.run) for dial in turned}
        return [TurnDial(dial, to_be[dial.path]) for dial in turned]

    def _rates_to_be(self) -> dict[str, float]:
        """Return the dropout rates, by the dial's path, that the switch would set."""
        model = self._model
        rates = {dial.path: model.value(dial, model.run) for dial in model.dials if dial.term == "dropout"}
        if any(rates.values()):
            return {path: 0.0 for path, rate in rates.items() if rate}
        return {path: rate for path, rate in self._rates.items() if path in rates and rate}
