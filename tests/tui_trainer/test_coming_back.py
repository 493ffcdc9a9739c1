"""A screen that goes on after it was stopped takes its terminal again, once, and only where it has not left it."""

from __future__ import annotations

from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from textual.drivers.linux_driver import LinuxDriver

from tests.patience import PATIENCE
from tests.tui_trainer.driving import make_app
from tests.tui_trainer.fake_client import FakeClient


class Driver:
    """What of Textual's driver a signal has to do with."""

    def __init__(self, *, by_key: bool = False, leaves: bool = False, reads: bool = True, lent: bool = False) -> None:
        self._auto_restart = not lent
        self._must_signal_resume = by_key
        self._app = SimpleNamespace(_exit=leaves)
        self._key_thread = Thread(target=self._read_keys)
        self.exit_event = Event()
        if reads:
            self._key_thread.start()
        self.done: list[str] = []

    def _read_keys(self) -> None:
        assert self.exit_event.wait(PATIENCE)

    def suspend_application_mode(self) -> None:
        assert self.exit_event.is_set(), "the keys would be thrown away"
        assert not self._key_thread.is_alive()
        self.done.append("leave")

    def resume_application_mode(self) -> None:
        assert not self.exit_event.is_set()
        self.done.append("take")


@pytest.mark.parametrize(
    ("how", "done"),
    [
        ({}, ["leave", "take"]),
        ({"by_key": True, "reads": False}, ["take"]),
        ({"leaves": True}, []),
        ({"reads": False}, []),
        ({"lent": True}, []),
    ],
    ids=["stopped from outside", "stopped by ctrl+z", "leaving", "beginning or gone", "lent to another program"],
)
def test_the_terminal_is_taken_as_often_as_it_was_left(how: dict[str, Any], done: list[str]) -> None:
    make_app(FakeClient())
    driver = Driver(**how)
    LinuxDriver._sigcont_application(driver)  # type: ignore[arg-type]
    assert driver.done == done
    assert driver._must_signal_resume == bool(done)  # with it, the app draws everything anew
    driver.exit_event.set()
