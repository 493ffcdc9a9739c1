"""Where trials are trained: in this process, on the cores of this machine, or on a Dask cluster.

On cores and on a cluster it is the same call of joblib's; only the backend is another one. joblib's loky pool restarts
processes that died; Dask gives the trials of a worker that died to others.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from typing import Any, Protocol

from engine.errors import InputError, WorkerError, sanitize
from engine.sweep.trial import Task, run_task, run_task_in_pool
from engine.sweep.trials import Ended

RETRIES = 3
"""How often a trial is begun again whose worker on a cluster died, before the trial is suspected."""


class PoolBrokenError(WorkerError):
    """A process died that trained a trial, and the pool with it; trials that it had begun are to be begun again."""


class Pool(Protocol):
    """Trains trials, several at once."""

    jobs: int
    """How many at once."""
    is_remote: bool
    """Whether its processes are there already, so that even short trials are its own."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Ended | int]:
        """Yield what comes of the tasks as they end; a next one is taken when it can begin.

        Raises:
            PoolBrokenError: A process died.
        """

    def close(self) -> None:
        """End the processes."""


class LocalPool:
    """Processes on this machine, one a core unless told otherwise."""

    is_remote = False

    def __init__(self, jobs: int | None = None) -> None:
        self.jobs = jobs or len(os.sched_getaffinity(0))

    def run(self, tasks: Iterable[Task]) -> Iterator[Ended | int]:
        """See ``Pool``."""
        from joblib.externals.loky.process_executor import BrokenProcessPool

        try:
            yield from _parallel(run_task_in_pool, max(2, self.jobs), tasks, inner_max_num_threads=1)
        except BrokenProcessPool as error:
            raise PoolBrokenError(sanitize(error, 200)) from None

    def close(self) -> None:
        """See ``Pool``."""
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown(wait=False, kill_workers=True)


class DaskPool:
    """A Dask cluster.

    Args:
        address: Of its scheduler, as ``tcp://host:8786``.

    Raises:
        InputError: Dask is not installed, or nobody answers there.
    """

    is_remote = True

    def __init__(self, address: str, *, patience: float = 10.0) -> None:
        try:
            distributed: Any = importlib.import_module("distributed")  # an extra, with types or without
        except ImportError:
            raise InputError("--dask: Dask is not installed; pip install 'tui-trainer[dask]' brings it") from None
        try:
            self._client: Any = distributed.Client(address, timeout=patience, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            reason = sanitize(error, 120)
            raise InputError(f"--dask {sanitize(address, 80)}: no scheduler answers there ({reason})") from None
        self.address = address
        self.jobs = max(1, sum(self._client.nthreads().values()))

    def run(self, tasks: Iterable[Task]) -> Iterator[Ended | int]:
        """See ``Pool``."""
        import joblib

        killed_worker: type[Exception] = importlib.import_module("distributed.scheduler").KilledWorker
        backend: AbstractContextManager[Any] = joblib.parallel_config("dask", client=self._client, retries=RETRIES)
        try:
            with backend:
                yield from _parallel(run_task, self.jobs, tasks)
        except killed_worker as error:
            raise PoolBrokenError(sanitize(error, 200)) from None
        except Exception as error:  # of the cluster: gone, or without this program on its machines
            raise WorkerError(f"the Dask cluster {sanitize(self.address, 80)}: {sanitize(error, 200)}") from None

    def close(self) -> None:
        """See ``Pool``."""
        with suppress(Exception):  # whatever is wrong with the cluster, it is left
            self._client.close(timeout=2)


def _parallel(
    work: Callable[[Task], Ended | int], jobs: int, tasks: Iterable[Task], **options: Any
) -> Iterator[Ended | int]:
    import joblib

    parallel = joblib.Parallel(
        n_jobs=jobs, return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs", max_nbytes=None, **options
    )
    found: Iterator[Ended | int] = parallel(joblib.delayed(work)(task) for task in tasks)
    return found
