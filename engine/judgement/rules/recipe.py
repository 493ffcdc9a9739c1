"""What recipe and training rows show before the first step."""

from __future__ import annotations

import numpy as np

from engine.judgement.case import Case
from engine.judgement.rules.cures import edit_network, in_new_run
from engine.judgement.rules.findings import say, verdict_from_the_start
from engine.run.verdicts import Verdict

UNSCALED = 10.0
"""Sum of the mean's size and the standard deviation of a column; scaled ones have about 1."""
IMBALANCE = 4.0
"""Rows of the largest class for each of the smallest."""
FEW_ROWS = 20
"""So few rows are an example to go through, and no sample of classes."""


def leaky_scaler(case: Case) -> list[Verdict]:
    """Find a scaler that was fitted on the rows of the exam, too."""
    scaler = case.spec.scaler
    if scaler.fit != "all" or scaler.kind == "none":
        return []
    evidence = "scaler.fit is all: mean and spread were taken from the rows that judge the network, too"
    advice = "fit the scaler on the training rows alone: scaler.fit = train"
    return [verdict_from_the_start("leaky-scaler", evidence, advice, in_new_run("scaler.fit", "train"))]


def graded_on_training(case: Case) -> list[Verdict]:
    """Find an exam that is sat on the rows that the network learns from."""
    if case.spec.split.graded_on != "train":
        return []
    evidence = f"split.graded_on is train: the exam asks for the {case.data.rows} rows that are learned from"
    advice = "sit the exam on rows held back: split.graded_on = test"
    return [verdict_from_the_start("graded-on-training", evidence, advice, in_new_run("split.graded_on", "test"))]


def wrong_exit(case: Case) -> list[Verdict]:
    """Find an exit whose outputs are not what the loss takes them for."""
    training, layers = case.spec.training, case.spec.network.layers
    exit_name = layers[-1].activation
    if not training.epochs or training.loss != "bce" or exit_name == "sigmoid":
        return []
    cure = edit_network({"kind": "set-activation", "layer": len(layers) - 1, "activation": "sigmoid"})
    evidence = f"bce takes the exit's answer for a probability, and {exit_name} may answer 14.7 as well as 0"
    return [verdict_from_the_start("wrong-exit", evidence, "give the exit sigmoid", cure)]


def class_imbalance(case: Case) -> list[Verdict]:
    """Find classes of very different size, which nothing makes up for."""
    counts, names = case.data.class_counts, case.data.classes
    if (
        not case.spec.training.epochs
        or sum(counts) < FEW_ROWS
        or len(counts) < 2
        or case.spec.training.class_weight is not None
        or min(counts) * IMBALANCE > max(counts)
    ):
        return []
    largest, smallest = int(np.argmax(counts)), int(np.argmin(counts))
    share = counts[largest] / sum(counts)
    evidence = (
        f"{counts[largest]} training rows of {names[largest]}, {counts[smallest]} of {names[smallest]}: "
        f"always answering {names[largest]} scores {share:.3f}"
    )
    advice = "training.class_weight = balanced; judge by precision and recall, not by accuracy"
    return [
        verdict_from_the_start("class-imbalance", evidence, advice, in_new_run("training.class_weight", "balanced"))
    ]


def unscaled_inputs(case: Case) -> list[Verdict]:
    """Find inputs whose numbers are much larger than a network's first weights are made for."""
    column = case.data.largest_column
    if not case.spec.training.epochs or abs(column.mean) + column.deviation <= UNSCALED:
        return []
    evidence = f"{column.name} has mean {say(column.mean)} and standard deviation {say(column.deviation)}"
    advice = "scale the inputs: scaler.kind = standard"
    return [verdict_from_the_start("unscaled-inputs", evidence, advice, in_new_run("scaler.kind", "standard"))]
