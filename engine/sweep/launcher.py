"""Starting the process that works on a sweep; it outlives who starts it, as a run's worker does."""

from __future__ import annotations

import subprocess
import sys

from engine.errors import InputError, TrainerError, WorkerError, sanitize
from engine.store.files import private
from engine.sweep.store import Sweep
from engine.worker.ready import worker_environment


def launch(sweep: Sweep, *, jobs: int | None = None, dask: str | None = None) -> subprocess.Popen[bytes]:
    """Start a process that trains what is outstanding; in a session of its own, as ``engine.worker.launcher`` does.

    Args:
        sweep: The sweep.
        jobs: Trials trained at once; None for one a core.
        dask: Address of the scheduler of the Dask cluster that is to train them.

    Raises:
        WorkerError: The sweep's directory cannot be written to.
    """
    sweep.requests.take_away_stop()  # of the work before; what is asked from now on is meant for this process
    options = ["--dask", dask] if dask is not None else ["--jobs", str(jobs)] if jobs is not None else []
    try:
        log = open(sweep.log_path, "wb", opener=private)  # noqa: SIM115 - closed below; Path.open takes no opener
    except OSError as error:
        raise WorkerError(f"{sanitize(sweep.log_path)}: cannot be written ({error.strerror})") from None
    with log:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.sweep", str(sweep.path), *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=worker_environment(),
        )


def exit_error(sweep: Sweep, status: int | None) -> TrainerError:
    """Return why a process ended that worked on a sweep, by its status where that is known, and its last words."""
    resume = f"tui-trainer resume {sweep.name} goes on"
    if status is None or status < 0:
        how = "died" if status is None else f"was ended by signal {-status}"
        return WorkerError(f"sweep {sweep.name}: its process {how}; {resume}")
    try:
        lines = sweep.log_path.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    last = sanitize(lines[-1] if lines else f"it ended with status {status}", 400)
    return InputError(last) if status == 2 else WorkerError(f"sweep {sweep.name}: {last}; {resume}")
