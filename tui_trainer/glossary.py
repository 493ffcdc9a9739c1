"""The one table of words: what practitioners say, what the plain vocabulary says, and what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Vocabulary = Literal["standard", "plain"]


@dataclass(frozen=True)
class Term:
    """A thing of the field under both of its names."""

    standard: str
    plain: str
    meaning: str

    def in_words(self, vocabulary: Vocabulary) -> str:
        """Return the name this vocabulary uses."""
        return self.standard if vocabulary == "standard" else self.plain


TERMS: Final[dict[str, Term]] = {
    "neuron": Term("neuron", "clerk", "adds up its weighted inputs and passes the sum through an activation"),
    "neurons": Term("neurons", "clerks", "the units of the layers"),
    "layer": Term("layer", "room", "neurons that read the same inputs at the same time"),
    "output": Term("output", "exit", "the last layer, whose values are the answer"),
    "input": Term("input", "entrance", "the features of one row of data"),
    "weight": Term("weight", "dial", "how strongly a neuron listens to one of its inputs"),
    "weights": Term("weights", "dials", "the matrix of a layer: a row for each neuron, a column for each input"),
    "bias": Term("bias", "nudge", "what a neuron adds before its activation, whatever its inputs"),
    "parameters": Term("parameters", "dials and nudges", "every weight and bias that training may change"),
    "hyperparameters": Term("Dials", "Settings", "what steers training and can be changed while it runs"),
    "train": Term("train", "study pile", "the rows the network learns from; measured while it learns, dropout on"),
    "validation": Term("validation", "practice pile", "rows it is checked on after each epoch and never learns from"),
    "test": Term("test", "sealed exam", "rows kept sealed until the very end"),
    "dropout": Term("dropout", "coffee break", "neurons sit out a step at random, so that none is relied on alone"),
    "dropped": Term("dropped", "on a break", "left out of this step by dropout"),
    "working": Term("active", "at work", "took part in this step"),
    "dead": Term("dead", "asleep", "fires for no row of the training set"),
    "saturated": Term("saturated", "stuck", "at its limits for nearly every row, where its slope is almost nothing"),
    "co-adaptation": Term("co-adaptation", "copycats", "neurons of a layer that answer alike instead of on their own"),
    "epoch": Term("epoch", "full pass", "one pass over the whole training set"),
    "epochs": Term("epochs", "full passes", "how long training goes on"),
    "step": Term("step", "handful", "one mini-batch: forward, backward, update"),
    "batch": Term("batch", "handful", "the rows of one step"),
    "batch size": Term("batch size", "handful size", "rows in a step"),
    "loss": Term("loss", "error score", "how wrong the answers are; training makes it small"),
    "accuracy": Term("accuracy", "share right", "the share of rows answered correctly"),
    "r2": Term("r²", "share explained", "how much of the target's spread the answers explain"),
    "learning rate": Term("learning rate", "step length", "how far each update moves the weights"),
    "optimizer": Term("optimiser", "way of stepping", "the rule that turns slopes into updates"),
    "momentum": Term("momentum", "run-up", "how much of the last update, or of its size, lives on in the next one"),
    "beta1": Term("β₁", "memory of slopes", "how much of the slopes' running average a step keeps (Adam)"),
    "beta2": Term("β₂", "memory of sizes", "how much of the squared slopes' running average a step keeps (Adam)"),
    "weight_decay": Term(
        "weight decay", "rust", "how much of every weight each step takes away, times the learning rate (AdamW)"
    ),
    "epsilon": Term("ε", "floor", "a small number that keeps the optimiser from dividing by nothing"),
    "schedule": Term("schedule", "plan of steps", "how the learning rate falls by itself as epochs go by"),
    "factor": Term("· factor", "· factor", "by how much the schedule lets the learning rate fall"),
    "every": Term("· every", "· every", "epochs between two falls of the learning rate"),
    "restore best": Term("restore best", "back to best", "whether early stopping goes back to the best weights seen"),
    "l1": Term("L1", "L1 pull", "pulls every weight towards zero by the same amount"),
    "l2": Term("L2", "L2 pull", "pulls weights towards zero in proportion to their size"),
    "clip": Term("clip", "slope limit", "the largest length the whole gradient may have; 0 is off"),
    "label_smoothing": Term(
        "label smoothing", "modesty", "how far the targets are drawn from certain towards all classes alike"
    ),
    "negative_slope": Term("leak", "leak", "slope of leaky ReLU left of zero"),
    "patience": Term("patience", "patience", "epochs without a better validation loss before it stops; 0 is off"),
    "pace": Term("pace", "pace", "epochs a second at most"),
    "boundary": Term("boundary", "border", "where the network's answer changes from one class to the other"),
    "gradient": Term("gradient", "slope", "how the loss changes when a weight is raised a little"),
}


def word(key: str, vocabulary: Vocabulary) -> str:
    """Return the name of the term ``key`` in this vocabulary."""
    return TERMS[key].in_words(vocabulary)


PLAIN_WORDS: Final[dict[str, str]] = {
    "an epoch": "a full pass",
    "an optimiser": "a way of stepping",
    "accuracy": "share right",
    "boundary": "border",
    "batch": "handful",
    "batch size": "handful size",
    "bias": "nudge",
    "biases": "nudges",
    "dial": "setting",
    "dials": "settings",
    "dead": "asleep",
    "dropout": "coffee breaks",
    "dropout leaves": "coffee breaks leave",
    "dropout that follows": "coffee breaks that follow",
    "dropped": "on a break",
    "epoch": "full pass",
    "epochs": "full passes",
    "gradient": "slope",
    "gradient norm": "slope size",
    "gradients": "slopes",
    "layer": "room",
    "layers": "rooms",
    "learning rate": "step length",
    "loss": "error score",
    "losses": "error scores",
    "mini-batch": "handful",
    "neuron": "clerk",
    "neurons": "clerks",
    "optimiser": "way of stepping",
    "output": "exit",
    "step": "handful",
    "step size": "step size",
    "step went": "step went",
    "steps": "handfuls",
    "training batch": "handful",
    "training loss": "study error score",
    "training part": "study pile",
    "training rows": "study rows",
    "training set": "study pile",
    "training step": "handful",
    "update ratio": "step share",
    "validation loss": "practice error score",
    "validation rows": "practice rows",
    "validation part": "practice pile",
    "validation set": "practice pile",
    "weight": "dial",
    "weights": "dials",
}
"""Words of whole sentences, standard and plain; all are replaced at once, so that a weight that has become a dial does
not become a setting."""

_STANDARD_WORDS: Final = re.compile(
    r"\b(" + "|".join(sorted(map(re.escape, PLAIN_WORDS), key=len, reverse=True)) + r")\b", re.IGNORECASE
)


def translated(text: str, vocabulary: Vocabulary) -> str:
    """Return a text of ours in this vocabulary: a term, or a sentence with terms in it; names of data are none."""
    if vocabulary == "standard":
        return text
    return word(text, vocabulary) if text in TERMS else _STANDARD_WORDS.sub(_in_plain, text)


def _in_plain(found: re.Match[str]) -> str:
    plain = PLAIN_WORDS[found[0].lower()]
    return plain[0].upper() + plain[1:] if found[0][0].isupper() else plain
