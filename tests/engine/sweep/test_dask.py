"""A Dask cluster on this machine, whose workers are processes that can be killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from engine.errors import InputError
from engine.sweep.pool import DaskPool
from engine.sweep.runner import Runner
from tests.engine.sweep.small import recipe, small_sweep, without_seconds
from tests.patience import PATIENCE

distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install 'tui-trainer[dask]'")
dask = pytest.importorskip("dask")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Start a scheduler and two workers; who minds them starts those anew that die."""
    waits = {f"distributed.comm.timeouts.{what}": f"{PATIENCE}s" for what in ("connect", "tcp")}
    with (
        dask.config.set(waits),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True) as cluster,
    ):
        yield cluster


def pids(cluster: Any) -> list[int]:
    with distributed.Client(cluster, set_as_default=False) as client:
        return list(client.run(os.getpid).values())


def test_trials_are_trained_on_a_cluster_whose_workers_die_and_come_out_the_same(cluster: Any) -> None:
    spec = recipe(training__epochs=200)
    axes = ("training.learning_rate=.1,.01,.001", "network.units=[2],[4],[8]")
    here, there = (small_sweep(*axes, spec=spec, seeds=(1,), name=name) for name in ("here", "there"))
    with here.lock():
        Runner(here, None).run()
    worker, *_ = pids(cluster)

    def kill_once_it_is_at_work() -> None:
        deadline = time.monotonic() + PATIENCE
        while not there.trials.ended()[0] and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(worker, signal.SIGKILL)

    killer = threading.Thread(target=kill_once_it_is_at_work)
    pool = DaskPool(cluster.scheduler_address)
    try:
        killer.start()
        with there.lock():
            Runner(there, pool).run()
    finally:
        killer.join()
        pool.close()
    assert without_seconds(there.trials.ended()[0]) == without_seconds(here.trials.ended()[0])
    assert there.state()[0] == "finished"
    assert there.state()[1].cluster == cluster.scheduler_address


def test_where_nobody_answers_is_one_line() -> None:
    with pytest.raises(InputError, match="no scheduler answers there"):
        DaskPool("tcp://127.0.0.1:9", patience=1.0)
