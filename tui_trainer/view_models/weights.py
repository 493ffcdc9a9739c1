"""What the heatmap can show of a network, and what is known of a single weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

from engine.declarations.optimizers import DECLARED_OPTIMIZERS
from engine.protocol.queries import View
from engine.spec import Spec
from tui_trainer.view_models.run import RunModel

Kind = str
"""``weights``, ``gradients``, ``updates``, ``moments.NAME`` or ``activations``: the names of a frame's arrays."""

DETAILS: Final[tuple[View, ...]] = ("gradients", "updates", "moments")


@dataclass(frozen=True)
class Detail:
    """A weight in the latest step.

    Attributes:
        slope: Of the batch's loss.
        update: What the step added.
        moments: The optimiser's running averages, by name.
        step_size: How far the step went for each unit of what it followed, as the optimiser declares. None where
            that is 0, or where the step followed more than that.
    """

    slope: float
    update: float
    moments: Mapping[str, float]
    step_size: float | None


def kinds_of(spec: Spec) -> tuple[Kind, ...]:
    """Return what can be shown of a network."""
    moments = tuple(f"moments.{name}" for name in DECLARED_OPTIMIZERS[spec.training.optimizer].moments)
    hidden = ("activations",) if len(spec.network.layers) > 1 else ()
    return ("weights", "gradients", "updates", *moments, *hidden)


def views_for(kind: Kind, *, details: bool) -> tuple[View, ...]:
    """Return what frames must carry; ``details`` where ``detail_of`` will be asked for."""
    views_by_kind: dict[str, tuple[View, ...]] = {
        "weights": (),
        "gradients": ("gradients",),
        "updates": ("updates",),
        "moments": ("moments",),
        "activations": ("neurons",),
    }
    views = ("weights", *views_by_kind[kind.partition(".")[0]], *(DETAILS if details else ()))
    return tuple(dict.fromkeys(views))


def matrices_of(run: RunModel, kind: Kind) -> dict[int, NDArray[Any]]:
    """Return what to show, by layer: (out, in + 1), or for activations (units, rows of the batch)."""
    if kind == "weights":
        return run.weights
    return run.activations if kind == "activations" else run.insides.get(kind, {})


def detail_of(run: RunModel, layer: int, neuron: int, column: int) -> Detail | None:
    """Return what the latest step did to a weight, None before the first one."""
    values = {
        kind: float(matrices[layer][neuron, column])
        for kind, matrices in run.insides.items()
        if layer in matrices and neuron < matrices[layer].shape[0] and column < matrices[layer].shape[1]
    }
    slope, update = values.get("gradients"), values.get("updates")
    if slope is None or update is None:
        return None
    moments = {kind.removeprefix("moments."): value for kind, value in values.items() if kind.startswith("moments.")}
    follows = DECLARED_OPTIMIZERS[run.spec.training.optimizer].follows
    followed = slope if follows == "gradient" else moments.get(follows or "", 0.0)
    return Detail(slope, update, moments, -update / followed if followed else None)


def weight_path(layer: int, neuron: int, column: int) -> str:
    """Return the path that sets a weight; the bias is the last column."""
    return f"weights.{layer}.{neuron}.{column}"


def is_weight(path: str) -> bool:
    """Return whether a path is one of ``weight_path``."""
    return path.startswith("weights.")


def all_alike(run: RunModel) -> str:
    """Return what becomes of the networks of the other seeds where a weight is set; empty for a single seed."""
    seeds = len(run.welcome.seeds)
    return f" in the networks of all {seeds} seeds" if seeds > 1 else ""
