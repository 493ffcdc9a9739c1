"""What a worker begins with: a run whose files do not agree on its seeds is refused in one line."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import InputError
from engine.store.runs import Run
from engine.training.stored import open_trainer
from tests.engine.worker.conftest import MakeRun


def with_seeds(run: Run, *seeds: int) -> Run:
    """Return the run as one whose ``run.json`` names other seeds."""
    other = Run(run.path)
    recipe = run.description.trained.model_copy(update={"seeds": seeds})
    other.__dict__["description"] = run.description.model_copy(update={"recipe": recipe})
    return other


@pytest.mark.parametrize("seeds", [(8,), (7, 8)])
def test_a_checkpoint_of_other_seeds_than_the_run(make_run: MakeRun, seeds: tuple[int, ...]) -> None:
    run = make_run()
    run.checkpoints.save(open_trainer(run).checkpoint())
    named = ", ".join(map(str, seeds))
    with pytest.raises(InputError, match=rf"run\.json: seeds: names {named}, and what was trained are those of 7"):
        open_trainer(with_seeds(run, *seeds))


def test_metrics_of_more_seeds_than_the_run(make_run: MakeRun) -> None:
    run = with_seeds(make_run(), 7, 8)
    run.metrics.append(1, np.zeros((2, 2, 5)))
    run.metrics.append_point("norm", 1, 1, [0.5, 0.25])
    run.metrics.close()
    other = with_seeds(run, 7)
    for read in (other.metrics.rows, lambda: other.metrics.points("norm")):
        with pytest.raises(InputError, match=r"it has rows of 2 seeds, and run\.json names 1 seed"):
            read()
