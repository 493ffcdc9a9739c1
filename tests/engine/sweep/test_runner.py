from __future__ import annotations

import itertools
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from engine.errors import InputError, RunBusyError
from engine.store.runs import RunStore
from engine.sweep import __main__ as process
from engine.sweep.pool import PoolBrokenError
from engine.sweep.results import TrialResult
from engine.sweep.runner import MOST_DEATHS, Runner
from engine.sweep.store import Sweep, SweepStore
from engine.sweep.trial import Task, run_task
from engine.sweep.trials import Ended
from tests.engine.sweep.kills import TooLateError, kill_and_compare
from tests.engine.sweep.small import recipe, small_sweep, without_seconds
from tests.patience import PATIENCE


class PoolOfThisProcess:
    """A pool that trains here; the processes of some trials die so many times."""

    is_remote = True
    jobs = 2

    def __init__(self, deaths: dict[int, int] | None = None) -> None:
        self.deaths = deaths or {}
        self.begun: list[int] = []

    def run(self, tasks: Iterable[Task]) -> Iterator[Ended | int]:
        """Train two tasks at once, or so it seems."""
        waiting = iter(tasks)
        pair = [*itertools.islice(waiting, 2)]
        self.begun += [task.trial for task in pair]
        while pair:
            for task in pair:
                if self.deaths.get(task.trial, 0) > 0:
                    self.deaths[task.trial] -= 1
                    raise PoolBrokenError("killed")
            yield run_task(pair.pop(0))
            following = [*itertools.islice(waiting, 1)]
            self.begun += [task.trial for task in following]
            pair += following

    def close(self) -> None:
        """Nothing."""


def work(sweep: Sweep, pool: PoolOfThisProcess | None = None) -> dict[int, TrialResult]:
    with sweep.lock():
        Runner(sweep, pool).run()
    return without_seconds(sweep.trials.ended()[0])


def test_all_trials_are_trained_and_in_a_pool_the_same_comes_of_them() -> None:
    here, pooled = small_sweep(name="here"), small_sweep(name="pooled")
    assert work(here) == work(pooled, PoolOfThisProcess())
    assert here.trials.ended()[0].keys() == set(range(1, 7))
    assert here.state()[0] == "finished"


def test_a_sweep_goes_on_where_it_stood() -> None:
    sweep, whole = small_sweep(name="cut"), work(small_sweep(name="whole"))
    work(sweep)
    sweep.trials.open_writer()
    sweep.trials.forget([2, 5])
    sweep.trials.close()
    pool = PoolOfThisProcess()
    assert work(sweep, pool) == whole
    assert sorted(pool.begun) == [2, 5]


def test_a_stopped_trial_stays_stopped_and_the_others_are_trained() -> None:
    sweep = small_sweep()
    sweep.requests.ask_stop(2)
    sweep.requests.ask_stop(99)
    found = work(sweep)
    assert [trial for trial, result in found.items() if result.state == "stopped"] == [2]
    assert work(sweep) == found
    assert sweep.requests.stopped_trials() == {99}


class Asked(threading.Thread):
    """Asks a sweep to stop something, once its second trial has trained some epochs."""

    def __init__(self, sweep: Sweep, trial: int | None = None) -> None:
        super().__init__()
        self._sweep = sweep
        self._trial = trial
        self.start()

    def run(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self._sweep.progress().get(2, 0) <= 5 and time.monotonic() < deadline:
            time.sleep(0.01)
        self._sweep.requests.ask_stop(self._trial)


def test_an_endless_trial_is_stopped_while_it_is_trained_with_what_it_has() -> None:
    sweep = small_sweep("training.epochs=5,1000000000", seeds=(1,))
    asked = Asked(sweep, 2)
    result = work(sweep)[2]
    asked.join()
    assert result.state == "stopped"
    assert result.epochs[0] > 5
    assert sweep.state()[0] == "finished"


def test_all_work_stops_when_asked_and_what_was_under_way_is_not_kept() -> None:
    sweep = small_sweep("training.epochs=5,1000000000", seeds=(1,))
    asked = Asked(sweep)
    assert work(sweep).keys() == {1}
    asked.join()
    assert sweep.state()[0] == "stopped"


def test_more_trials_are_taken_in_and_those_that_were_there_are_not_trained_again() -> None:
    sweep = small_sweep("training.learning_rate=1e-3..1e-1:log", draws=3)
    before = work(sweep)
    (plan,) = sweep.description().plans
    sweep.requests.ask_more(plan.model_copy(update={"draws": 5}))
    pool = PoolOfThisProcess()
    after = work(sweep, pool)
    assert sorted(pool.begun) == [4, 5]
    assert {trial: after[trial] for trial in before} == before
    assert len(sweep.description().trials()) == 5
    assert sweep.requests.plans() == []


def test_a_request_that_is_none_is_thrown_away() -> None:
    sweep = small_sweep("training.learning_rate=.1")
    sweep.requests.folder.mkdir()
    (sweep.requests.folder / "more-1").write_bytes(b"{")
    (sweep.requests.folder / "stop-x").write_bytes(b"")
    assert work(sweep).keys() == {1}


def test_a_process_that_died_is_no_fault_of_the_trials_beside_and_of_its_own_only_after_some_times() -> None:
    sweep, whole = small_sweep(name="dying"), work(small_sweep(name="whole"))
    assert work(sweep, PoolOfThisProcess({3: 2})) == whole
    hopeless = small_sweep(name="hopeless")
    found = work(hopeless, PoolOfThisProcess({3: 1 + MOST_DEATHS}))
    assert {trial for trial, result in found.items() if result.state == "failed"} == {3}
    assert "died 3 times" in str(found[3].message)
    assert work(hopeless, PoolOfThisProcess()) == whole  # resumed, it gets another chance


def test_a_held_sweep_is_worked_on_by_nobody_else(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the test's own stay as they are
    sweep = small_sweep()
    with sweep.lock():
        with pytest.raises(RunBusyError), sweep.lock():
            pass
        assert process.main([str(sweep.path), "--jobs", "1"]) == 2
    assert "a process works on it; tui-trainer stop small ends that" in capsys.readouterr().err


def test_runs_and_sweeps_share_their_names() -> None:
    sweep = small_sweep(name="mine")
    runs = RunStore()
    with pytest.raises(InputError, match="taken"):
        runs.create(recipe(), [1], name="mine")
    runs.create(recipe(), [1], name="other")
    with pytest.raises(InputError, match="taken"):
        small_sweep(name="other")
    with pytest.raises(InputError, match="taken"):
        runs.rename("other", "mine")
    with pytest.raises(InputError, match="mine: is a sweep"):
        runs.open("mine")
    SweepStore().delete("mine")
    assert not sweep.path.exists()
    assert not SweepStore().has("mine")
    small_sweep()
    with pytest.raises(InputError, match="did you mean small"):
        SweepStore().open("smal")


def test_a_damaged_description_is_one_line() -> None:
    sweep = small_sweep()
    path = sweep.path / "sweep.json"
    path.write_text(path.read_text().replace("0.01", "0.02", 1))
    with pytest.raises(InputError, match="damaged"):
        SweepStore().open("small")


def test_what_is_stored_is_its_owners_alone() -> None:
    sweep = small_sweep("training.learning_rate=.1")
    sweep.requests.ask_stop(7)
    work(sweep)
    for path in (sweep.path, *sweep.path.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_killed_three_times_it_ends_with_the_table_of_an_undisturbed_one(tmp_path: Path) -> None:
    try:
        came = kill_and_compare(tmp_path, trials=12, kills=3, epochs=150, jobs=1)
    except TooLateError:  # this process was not let run: such a machine has time for longer trials
        came = kill_and_compare(tmp_path / "longer", trials=12, kills=3, epochs=900, jobs=1)
    assert came == sorted(came)
    assert came[-1] < 12
