"""The worker's process that is held ready while the program runs; started before anything else, it loads meanwhile."""

from __future__ import annotations

from typing import Final

from engine.worker.ready import ReadyWorker

READY: Final = ReadyWorker()
