"""A network as the store of its run has it: enough to answer for raw rows, also where its training data has gone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Arrays, Floats
from engine.data.dataset import Dataset
from engine.data.derived import completed_rows
from engine.data.scaling import Scaler
from engine.errors import InputError
from engine.numerics.metrics import predicted_classes
from engine.numerics.parameters import Parameters
from engine.run.data_facts import DataFacts
from engine.spec import Spec, validate
from engine.store.checkpoints import Checkpoint
from engine.store.runs import Run
from engine.training.checkpoint_contents import parameters_of, scalers_of
from engine.training.network import LayerView, Network
from engine.training.trainer import Trainer


@dataclass(frozen=True)
class Preparation:
    """What turns raw rows into what a network sees, and its outputs into answers.

    Attributes:
        scaler: Of the inputs.
        target_scaler: Of values to predict; None where they are not scaled.
        feature_names: Names of the raw columns.
        derived: Formulas of the inputs that follow these.
        classes: Names of the classes; empty for values.
    """

    scaler: Scaler
    target_scaler: Scaler | None
    feature_names: tuple[str, ...]
    derived: tuple[str, ...]
    classes: tuple[str, ...]

    def scaled(self, X: Floats) -> Floats:
        """Return raw rows (m, base), or with their derived columns (m, n), as the network sees them.

        Raises:
            InputError: A derived column is not finite for a row.
        """
        return self.scaler.transform(completed_rows(X, self.feature_names, self.derived))


@dataclass(frozen=True)
class StoredNetwork:
    """One network of a run, as a checkpoint has it.

    Attributes:
        run: The run.
        checkpoint: The checkpoint.
        spec: The recipe as it stood.
        seed: The network's own.
        network: Its parameters, of S = 1.
        preparation: Scalers and names.
    """

    run: Run
    checkpoint: Checkpoint
    spec: Spec
    seed: int
    network: Network
    preparation: Preparation

    @property
    def epoch(self) -> int:
        """Epochs completed."""
        return self.checkpoint.epoch

    @property
    def layers(self) -> list[LayerView]:
        """Weights (out, in) and biases (out,) of each layer."""
        return self.network.views(0)

    def arrays(self) -> Arrays:
        """Return W1 (out, in), b1 (out,), W2 and so on, and the numbers of the scalers, by name."""
        arrays: Arrays = {}
        for number, layer in enumerate(self.layers, start=1):
            arrays |= {f"W{number}": layer.weights, f"b{number}": layer.bias}
        arrays |= self.preparation.scaler.arrays()
        if (targets := self.preparation.target_scaler) is not None:
            arrays |= {"target_offset": targets.offset, "target_scale": targets.scale}
        return arrays

    def outputs(self, X: Floats) -> Floats:
        """Return outputs (m, K) for raw rows, in the units of the data also where targets are scaled.

        Raises:
            InputError: See ``Preparation.scaled``.
        """
        preparation = self.preparation
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is an answer, too
            plan = self.network.forward_plan(preparation.scaled(X))
            outputs = plan.outputs()[0].T
            return outputs if preparation.target_scaler is None else preparation.target_scaler.inverse(outputs)

    def class_numbers(self, outputs: Floats) -> NDArray[np.int64]:
        """Return the class (m,) that outputs (m, K) stand for: the largest output's, or of a single one whether ≥ ½."""
        return predicted_classes(outputs.T)


def stored_network(run: Run, seed: int | None = None) -> StoredNetwork:
    """Return a network of a run at its latest checkpoint, which a run that is training writes every other moment.

    Args:
        run: The run.
        seed: Which of its networks; the first where None.

    Raises:
        InputError: There is no checkpoint or no such seed; or an older version wrote the checkpoint, which kept no
            scaler, and the data cannot be read any more.
    """
    run.check()
    seeds = run.description.trained.seeds
    if seed is not None and seed not in seeds:
        raise InputError(f"--seed: run {run.name} has no network of seed {seed} (there: {_listed(seeds)})")
    checkpoint = run.checkpoints.latest()
    if checkpoint is None:
        raise InputError(f"run {run.name}: there is no checkpoint to take the network from")
    spec = validate(checkpoint.meta["spec"], where="checkpoint")
    seed = seeds[0] if seed is None else seed
    network = _network(spec, checkpoint, checkpoint.meta["seeds"].index(seed))
    return StoredNetwork(run, checkpoint, spec, seed, network, _preparation(run, checkpoint, spec, network))


def _listed(seeds: tuple[int, ...]) -> str:
    return ", ".join(map(str, seeds[:8])) + (", …" if len(seeds) > 8 else "")


def _network(spec: Spec, checkpoint: Checkpoint, place: int) -> Network:
    every = parameters_of(checkpoint, spec)
    parameters = Parameters(every.sizes, 1, every.flat.dtype)
    parameters.flat[...] = every.flat[place]
    return Network(spec, parameters)


def _preparation(run: Run, checkpoint: Checkpoint, spec: Spec, network: Network) -> Preparation:
    """Return scalers and names as the store has them, else, of what an older version wrote, those of the data."""
    kept = kept_preparation(checkpoint, spec, run.metrics.state().data, network.parameters.sizes[0])
    if kept is not None:
        return kept
    try:
        data = Trainer.from_checkpoint(checkpoint).data
    except InputError as error:
        why = f"its store has no scaler yet, and its data cannot be read ({error})"
        raise InputError(f"run {run.name}: {why}") from None
    return preparation_of(data)


def kept_preparation(checkpoint: Checkpoint, spec: Spec, facts: DataFacts | None, inputs: int) -> Preparation | None:
    """Return scalers and names as a store has them; None where an older version wrote it, which kept none."""
    scalers, derived = scalers_of(checkpoint, spec), spec.data.derived
    if scalers is None or facts is None or len(facts.feature_names) != inputs:
        return None
    return Preparation(*scalers, facts.feature_names[: inputs - len(derived)], derived, facts.classes)


def preparation_of(data: Dataset) -> Preparation:
    """Return the scalers and names of data that have been read."""
    table = data.table
    names = table.feature_names[: table.base_columns]
    return Preparation(data.scaler, data.target_scaler, names, table.derived, table.classes)
