"""What a run is, as frozen pydantic models: the same tables as a preset's TOML file.

``override`` changes a ``Spec`` by the dotted paths that ``--set``, ``[[changes]]`` and the dashboard's dials share.
Nothing here reads data or computes: whoever shows a recipe needs neither NumPy nor the files it names.
"""

from __future__ import annotations

from engine.declarations.activations import OUTPUT_LOSSES, ActivationName, LossName
from engine.declarations.optimizers import OptimizerName
from engine.spec.network import InitializerName, LayerSpec, MaskGranularity, NetworkSpec
from engine.spec.preparation import ScalerSpec, SplitSpec
from engine.spec.recipe import ChangeSpec, Spec, override, validate, value_at
from engine.spec.training import (
    ScheduleSpec,
    StoppingSpec,
    TrainingSpec,
)

__all__ = [
    "OUTPUT_LOSSES",
    "ActivationName",
    "ChangeSpec",
    "InitializerName",
    "LayerSpec",
    "LossName",
    "MaskGranularity",
    "NetworkSpec",
    "OptimizerName",
    "ScalerSpec",
    "ScheduleSpec",
    "Spec",
    "SplitSpec",
    "StoppingSpec",
    "TrainingSpec",
    "override",
    "validate",
    "value_at",
]
