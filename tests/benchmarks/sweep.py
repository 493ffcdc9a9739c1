"""The grid of hidden neurons and learning rates of a tutorial, and ``GridSearchCV`` over as many fits of its own.

``python -m tests.benchmarks.sweep``: both on all cores, one after the other and so again, with the machine's load.
scikit-learn's fits learn from five sixths of the rows, and so many epochs; ours also validate after each epoch, and
draw their boundaries. It starts its processes anew each time, as we do.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

UNITS, RATES, SEEDS, EPOCHS = (1, 2, 4, 8, 16), (0.001, 0.01, 0.1, 1.0), 6, 1000
THEIRS = f"""
import warnings
warnings.filterwarnings("ignore")
import os
os.environ["PYTHONWARNINGS"] = "ignore"
import presets
from engine.data import dataset
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
table = dataset.load(presets.load("plants-two-layer")).table
network = MLPClassifier(activation="logistic", solver="sgd", momentum=0.0, nesterovs_momentum=False, alpha=0.0,
                        batch_size=len(table.X), max_iter={EPOCHS}, tol=0.0, n_iter_no_change={EPOCHS})
grid = {{"hidden_layer_sizes": [(n,) for n in {UNITS}], "learning_rate_init": {RATES}}}
GridSearchCV(network, grid, cv={SEEDS}, n_jobs=-1, refit=False).fit(table.X, table.y)
"""


def ours(home: str) -> list[str]:
    """Return the command of our sweep."""
    sweep = [sys.executable, "-m", "tui_trainer", "sweep", "plants-two-layer", "--seeds", str(SEEDS), "--json"]
    sweep += ["--set", "split.validation=.3", "--epochs", str(EPOCHS)]
    units = ",".join(f"[{count}]" for count in UNITS)
    sweep += ["--over", f"network.units={units}", "--over", f"training.learning_rate={','.join(map(str, RATES))}"]
    return [*sweep, "--output", str(Path(home) / "sweep.svg")]


def seconds_of(command: list[str], home: str) -> float:
    """Return how long a command takes."""
    environment = os.environ | {"TUI_TRAINER_HOME": home}
    start = time.perf_counter()
    subprocess.run(command, check=True, env=environment, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure both, twice."""
    fits = len(UNITS) * len(RATES) * SEEDS
    for _ in range(2):
        load = os.getloadavg()[0]
        with tempfile.TemporaryDirectory() as home:
            sweep = seconds_of(ours(home), home)
            theirs = seconds_of([sys.executable, "-c", THEIRS], home)
        print(f"{fits} fits: sweep {sweep:.1f} s, GridSearchCV {theirs:.1f} s; load before {load:.1f}")


if __name__ == "__main__":
    main()
