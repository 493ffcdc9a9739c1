"""Runs and workers that serve them on a thread, for tests of a connection to a real one."""

from __future__ import annotations

from tests.engine.worker.conftest import make_run, serve, store

__all__ = ["make_run", "serve", "store"]
