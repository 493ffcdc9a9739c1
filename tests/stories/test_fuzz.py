"""The fuzz at a worker's socket in short: see ``tests.soak.fuzz`` for ten minutes of it."""

from __future__ import annotations

from engine.store.runs import RunStore
from tests.soak.fuzz import fuzz, make_run


def test_strangers_at_the_socket_neither_end_a_worker_nor_bloat_it_nor_keep_it_from_its_watchers() -> None:
    found = fuzz(make_run(RunStore()), seconds=8, stretch=1.0)
    assert found.sent > 100
    found.check()
