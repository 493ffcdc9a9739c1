"""scikit-learn's ``MLPClassifier.fit``. It has no dropout: its network runs without."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from tests.benchmarks.workloads import Workload

ACTIVATIONS = {"relu": "relu", "sigmoid": "logistic", "tanh": "tanh"}


def prepare(workload: Workload) -> Callable[[int], None]:
    """Return a function that trains so many epochs, from the start each time: that is what ``fit`` does."""
    training, (hidden, *_) = workload.spec.training, workload.activations
    X, Y = workload.X, workload.Y
    y = Y.argmax(axis=1) if Y.shape[1] > 1 else Y[:, 0]

    def train(count: int) -> None:
        model = MLPClassifier(
            tuple(workload.sizes[1:-1]),
            activation=ACTIVATIONS[hidden],
            solver=training.optimizer,
            alpha=0,
            batch_size=workload.batch_size,
            learning_rate_init=training.learning_rate,
            momentum=0,
            shuffle=training.shuffle,
            max_iter=count,
            n_iter_no_change=10**9,
            random_state=0,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X, y)

    return train
