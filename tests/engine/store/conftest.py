"""What the store's tests share: a spec, a store, a run's log, and a disk that can be full."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from engine.spec import Spec, validate
from engine.store.metrics import MetricsLog
from engine.store.runs import Run, RunStore


@pytest.fixture(scope="session")
def spec() -> Spec:
    return validate(
        {
            "name": "breast-cancer",
            "data": {"source": "breast-cancer"},
            "network": {"layers": [{"units": 2, "activation": "relu"}, {"units": 1, "activation": "sigmoid"}]},
            "training": {"loss": "bce", "learning_rate": 0.1 + 0.2, "epochs": 50},
            "changes": [{"epoch": 3, "set": {"training.l2": 1e-3}}],
        },
        where="test",
    )


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "store")


@pytest.fixture
def run(store: RunStore, spec: Spec) -> Run:
    return store.create(spec, [42])


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    return tmp_path / "metrics.sqlite"


@pytest.fixture
def log(log_path: Path) -> Iterator[MetricsLog]:
    with closing(MetricsLog(log_path)) as log:
        yield log


@contextmanager
def _full_disk(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def full_disk() -> Callable[[int], AbstractContextManager[None]]:
    """Let the system refuse to make any file longer than a number of bytes."""
    return _full_disk
