"""What is exported as one file: the history as CSV, the weights as safetensors."""

from __future__ import annotations

import csv
import io
import json
import math

import numpy as np
from safetensors.numpy import save

from engine.errors import InputError
from engine.store.runs import Run
from engine.training.stored_network import StoredNetwork

SCORE = "_score"


def history_csv(run: Run, seed: int | None = None) -> bytes:
    """Return a run's metrics: a row for each epoch and seed, UTF-8; what was not measured is empty.

    Args:
        run: The run, whoever trains it.
        seed: Which seed's; all of them where None.

    Raises:
        InputError: There is no such seed, or the store is damaged.
    """
    run.check()
    seeds = run.description.seeds
    if seed is not None and seed not in seeds:
        raise InputError(f"--seed: run {run.name} has no network of seed {seed}")
    rows, text = run.metrics.rows(), io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch", "seed", *_columns(run)])
    for epoch, of_epoch in enumerate(rows, start=1):
        for each, values in zip(seeds, of_epoch.tolist(), strict=True):
            if seed in (None, each):
                writer.writerow([epoch, each, *("" if math.isnan(value) else repr(value) for value in values)])
    return text.getvalue().encode()


def _columns(run: Run) -> list[str]:
    """Return the metrics' names; what is called a score within is an accuracy, or r²."""
    facts = run.metrics.state().data
    score = "_accuracy" if facts is not None and facts.classes else "_r2" if facts is not None else SCORE
    return [name.replace(SCORE, score) for name in run.description.columns]


def safetensors_file(network: StoredNetwork) -> bytes:
    """Return a network's weights and scalers as a safetensors file, with what they are in its metadata."""
    arrays = {name: np.ascontiguousarray(array) for name, array in network.arrays().items()}
    metadata = {
        "run": network.run.name,
        "seed": str(network.seed),
        "epoch": str(network.epoch),
        "activations": json.dumps([layer.activation for layer in network.spec.network.layers]),
        "inputs": json.dumps(network.preparation.feature_names),
        "classes": json.dumps(network.preparation.classes),
        "recipe": json.dumps(network.spec.model_dump(mode="json")),
    }
    return save(arrays, metadata=metadata)
