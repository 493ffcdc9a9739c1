"""Verdicts that screens are shown with."""

from __future__ import annotations

from engine.run.verdicts import Cure, Turn, Verdict

OVERFITTING = Verdict(
    number=1,
    name="overfitting",
    since=12,
    told=22,
    evidence="validation loss 0.52, 30% above its lowest (epoch 9), while training fell 0.3 → 0.2",
    lately="validation loss 0.61, 53% above its lowest (epoch 9), while training fell 0.3 → 0.1",
    advice="L2, more rows, a smaller network, or stopping where the loss was lowest",
    cure=Cure(turns=(Turn(path="training.l2", value=0.01),)),
)
PLATEAU = Verdict(
    number=2,
    name="plateau",
    since=21,
    told=25,
    until=28,
    evidence="the training loss stays at 0.6; to answer without looking costs 0.66",
    advice="a larger learning rate, another start (R), or momentum",
)
UNSCALED = Verdict(
    number=3,
    name="unscaled-inputs",
    since=0,
    evidence="worst area has mean 867 and standard deviation 578",
    advice="scale the inputs: scaler.kind = standard",
    cure=Cure(turns=(Turn(path="scaler.kind", value="standard"),), anew=True),
)
WRONG_EXIT = Verdict(
    number=4,
    name="wrong-exit",
    since=0,
    evidence="bce takes the exit's answer for a probability, and relu may answer 14.7 as well as 0",
    advice="give the exit sigmoid",
    cure=Cure(
        turns=(Turn(path="network.edit", value={"kind": "set-activation", "layer": 0, "activation": "tanh"}),),
    ),
)
