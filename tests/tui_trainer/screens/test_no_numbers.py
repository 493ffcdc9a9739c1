"""Numbers that are none, wherever a worker may send one: every pane goes on drawing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.tui_trainer.driving import dashboard
from tests.tui_trainer.fake_client import FakeClient
from tui_trainer.panes import TABS

NAN, INF = float("nan"), float("inf")


class PoisonedClient(FakeClient):
    """A client in whose arrays numbers are none, or as large or small as they get.

    Args:
        value: What takes the place of numbers.
        share: Of how many of the numbers of each array.
    """

    def __init__(self, value: float, share: float, **welcome: Any) -> None:
        super().__init__(**welcome)
        self._value = value
        self._share = share
        self._drawn = np.random.default_rng(11)

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return {name: self._poisoned(array) for name, array in super()._arrays().items()}

    def _poisoned(self, array: NDArray[Any]) -> NDArray[Any]:
        if not np.issubdtype(array.dtype, np.floating):
            return array
        with np.errstate(over="ignore"):
            value = np.asarray(self._value).astype(array.dtype)
        return np.where(self._drawn.random(array.shape) < self._share, value, array)


@pytest.mark.parametrize(
    ("value", "share"),
    [(NAN, 0.2), (NAN, 1.0), (INF, 0.2), (-INF, 1.0), (1.7e308, 0.2), (1.7e308, 1.0), (-1.7e308, 0.2), (5e-324, 1.0)],
)
@pytest.mark.parametrize("classes", [("benign", "malignant"), ()], ids=["classes", "values"])
async def test_every_pane_draws_numbers_that_are_none(value: float, share: float, classes: tuple[str, ...]) -> None:
    client = PoisonedClient(value, share, classes=classes)
    async with dashboard(client, size=(90, 30)) as desk:
        for tab in TABS:
            await desk.press(str(tab.key), "z", "l")
            await desk.train(2)
            await desk.press("down", "right", "n", "z", "escape")
            assert desk.app.is_running
        assert desk.client.epoch == 30 + 2 * len(TABS)
        assert f"epoch {desk.client.epoch}" in desk.lines[0]
