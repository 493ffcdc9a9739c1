"""A run's life from the shell: named, refused while it trains, stopped, renamed, deleted."""

from __future__ import annotations

from engine.store.runs import RunStore
from tests.stories.runs import tui_trainer


def test_a_run_is_renamed_and_deleted_only_when_nobody_trains_it() -> None:
    tui_trainer("xor", "--detach", "--epochs", "1000000", "--pace", "20", "--name", "first")
    for command in (("rename", "first", "second"), ("delete", "--yes", "first")):
        assert "run first is held by its worker" in tui_trainer(*command, status=1).stderr
    assert "left, as its worker is there" in tui_trainer("prune", "--keep", "0").stderr
    tui_trainer("stop", "first")
    assert tui_trainer("rename", "first", "second").stdout == "second\n"
    (run,) = RunStore().runs()
    assert (run.name, run.summary().state) == ("second", "stopped")
    run.check()
    assert tui_trainer("delete", "--yes", "second").stdout == "run second: deleted\n"
    assert RunStore().all_runs() == []
