"""Starting a worker for a run. It imports little, as this is what the first epoch of a new run waits for."""

from __future__ import annotations

import subprocess

from engine.errors import WorkerError, sanitize
from engine.store.files import private
from engine.store.runs import Run
from engine.worker.ready import HOLD, ReadyWorker, worker_command, worker_environment


def launch(run: Run, *, attach_only: bool = False, ready: ReadyWorker | None = None) -> subprocess.Popen[bytes]:
    """Start a worker that goes on with ``run`` from where its store stands, and outlives this process.

    With ``attach_only`` it only shows the run until a watcher asks it to train. It runs in a session of its own, so
    that neither ctrl+c nor a closed terminal reaches it, and with ``-P``, so that a folder named ``engine`` in the
    user's working directory is not taken for ours. What it prints goes to the run's log. A process that is held
    ready is taken where there is one.

    Raises:
        WorkerError: The run's directory cannot be written to.
    """
    try:
        log = open(run.log_path, "ab", opener=private)  # noqa: SIM115 - closed below; Path.open takes no opener
    except OSError as error:
        raise WorkerError(f"{sanitize(run.log_path)}: cannot be written ({error.strerror})") from None
    with log:
        waiting = ready.serve(run.path, attach_only=attach_only) if ready is not None else None
        return waiting or subprocess.Popen(
            worker_command(str(run.path), *([HOLD] if attach_only else [])),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=worker_environment(),
        )
