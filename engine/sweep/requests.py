"""What is asked of the process that works on a sweep: files in its directory, one a request.

Who asks writes a file; the process that works on the sweep reads it, does it, and takes it away. The trials themselves
look for the requests to stop, so that they end at once.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from pydantic import ValidationError

from engine.errors import TrainerError, sanitize
from engine.store.files import make_folder, write_durably
from engine.sweep.axes import Plan

STOP = "stop"
_MOST_BYTES = 10**6


class Requests:
    """The folder of a sweep's requests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ask_stop(self, trial: int | None = None) -> None:
        """Ask for the end of one trial, which is not trained again; or of all work, which can be taken up again.

        Raises:
            TrainerError: It cannot be written.
        """
        self._write(self._stop_name(trial), b"")

    def ask_more(self, plan: Plan) -> None:
        """Ask for more trials.

        Raises:
            TrainerError: It cannot be written.
        """
        self._write(f"more-{uuid.uuid4().hex}", plan.model_dump_json().encode())

    def is_stopped(self, trial: int | None = None) -> bool:
        """Say whether the end of a trial, or of all work, was asked for."""
        return (self.folder / self._stop_name(trial)).exists()

    def stopped_trials(self) -> set[int]:
        """Return the trials whose end was asked for."""
        names = self._names(f"{STOP}-")
        return {int(number) for name in names if (number := name.removeprefix(f"{STOP}-")).isdecimal()}

    def plans(self) -> list[tuple[str, Plan | None]]:
        """Return the trials that were asked for, oldest request first, each with its name; None for what is no plan."""
        names = sorted(self._names("more-"), key=lambda name: (self._age(name), name))
        return [(name, self._plan(name)) for name in names]

    def take_away(self, name: str) -> None:
        """Take a request away that has been done."""
        (self.folder / name).unlink(missing_ok=True)

    def take_away_stop(self, trial: int | None = None) -> None:
        """Take away the request to stop a trial, or all work."""
        self.take_away(self._stop_name(trial))

    @staticmethod
    def _stop_name(trial: int | None) -> str:
        return STOP if trial is None else f"{STOP}-{trial}"

    def _write(self, name: str, data: bytes) -> None:
        try:
            make_folder(self.folder)
        except OSError as error:
            raise TrainerError(f"{sanitize(self.folder)}: cannot be made ({error.strerror})") from None
        write_durably(self.folder / name, data)

    def _names(self, beginning: str) -> list[str]:
        try:
            return [path.name for path in self.folder.iterdir() if path.name.startswith(beginning)]
        except OSError:
            return []

    def _age(self, name: str) -> int:
        try:
            return (self.folder / name).stat().st_mtime_ns
        except OSError:
            return 0

    def _plan(self, name: str) -> Plan | None:
        try:
            with (self.folder / name).open("rb") as file:
                return Plan.model_validate_json(file.read(_MOST_BYTES))
        except (OSError, ValidationError):
            return None
