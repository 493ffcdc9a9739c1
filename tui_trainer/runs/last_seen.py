"""What each watcher has seen of each run, remembered from one time to the next: a small file for each run."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from engine.errors import TrainerError
from engine.store.files import make_folder, write_durably
from tui_trainer.view_models.absence import Seen

LONGEST_NAME: Final = 150
"""Characters of a file's name; a longer one is hashed."""
MOST_BYTES: Final = 2**18
MOST_WATCHERS: Final = 200
"""Of a run; who looked longest ago is forgotten."""
_SEEN: Final[TypeAdapter[Seen]] = TypeAdapter(Seen)


class LastSeen:
    """What one watcher has seen. That it cannot be remembered is no reason not to look.

    Args:
        folder: Where the files are, or will be.
        watcher: Who looks.

    Attributes:
        watcher: Who looks.
    """

    def __init__(self, folder: Path, watcher: str) -> None:
        self._folder = folder
        self.watcher = watcher

    def of(self, run: str) -> Seen | None:
        """Return what was seen of a run, which is named as it is on the screen; None where that is not known."""
        with suppress(ValidationError):
            return _SEEN.validate_python(self._all(run).get(self.watcher))
        return None

    def remember(self, run: str, seen: Seen) -> None:
        """Remember what is seen of a run now."""
        watchers = self._all(run)
        watchers.pop(self.watcher, None)
        watchers[self.watcher] = asdict(seen)
        latest = dict(list(watchers.items())[-MOST_WATCHERS:])
        with suppress(OSError, TrainerError):
            make_folder(self._folder, parents=True)
            write_durably(self._path(run), json.dumps(latest, ensure_ascii=False).encode(errors="replace"))

    def _all(self, run: str) -> dict[str, Any]:
        try:
            with self._path(run).open("rb") as file:
                document = json.loads(file.read(MOST_BYTES))
        except (OSError, ValueError, RecursionError):
            return {}
        return document if isinstance(document, dict) else {}

    def _path(self, run: str) -> Path:
        """Return the file of a run; its name, and that of its host, may be any text."""
        name = quote(run, safe="")
        if len(name) > LONGEST_NAME:
            name = sha256(run.encode(errors="replace")).hexdigest()
        return self._folder / f"{name}.json"
