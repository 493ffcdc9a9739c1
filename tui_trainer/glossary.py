"""The one table of words: what practitioners say, what the plain vocabulary says, and what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Vocabulary = Literal["standard", "plain", "committee"]
"""The field's own words; those of a building full of clerks; those of a committee that votes on evidence."""


@dataclass(frozen=True)
class Term:
    """A thing of the field under its names.

    Attributes:
        standard: What the field says.
        plain: What those say who are new to it.
        meaning: What it is, in one line.
        committee: What a committee says that votes on evidence; as the field does where that is empty.
    """

    standard: str
    plain: str
    meaning: str
    committee: str = ""

    def in_words(self, vocabulary: Vocabulary) -> str:
        """Return the name this vocabulary uses."""
        names = {"standard": self.standard, "plain": self.plain, "committee": self.committee or self.standard}
        return names[vocabulary]


TERMS: Final[dict[str, Term]] = {
    "neuron": Term("neuron", "clerk", "adds up its weighted inputs and passes the sum through an activation", "member"),
    "neurons": Term("neurons", "clerks", "the units of the layers", "members"),
    "layer": Term("layer", "room", "neurons that read the same inputs at the same time", "committee"),
    "output": Term("output", "exit", "the last layer, whose values are the answer", "final vote"),
    "input": Term("input", "entrance", "the features of one row of data", "evidence"),
    "weight": Term("weight", "dial", "how strongly a neuron listens to one of its inputs", "importance"),
    "weights": Term(
        "weights", "dials", "the matrix of a layer: a row for each neuron, a column for each input", "importances"
    ),
    "bias": Term("bias", "nudge", "what a neuron adds before its activation, whatever its inputs", "leaning"),
    "parameters": Term(
        "parameters", "dials and nudges", "every weight and bias that training may change", "all opinions"
    ),
    "hyperparameters": Term("Dials", "Settings", "what steers training and can be changed while it runs"),
    "train": Term(
        "train", "study pile", "the rows the network learns from; measured while it learns, dropout on", "past cases"
    ),
    "validation": Term(
        "validation", "practice pile", "rows it is checked on after each epoch and never learns from", "trial cases"
    ),
    "test": Term("test", "sealed exam", "rows kept sealed until the very end", "sealed cases"),
    "dropout": Term(
        "dropout", "coffee break", "neurons sit out a step at random, so that none is relied on alone", "absence"
    ),
    "dropped": Term("dropped", "on a break", "left out of this step by dropout", "absent"),
    "working": Term("active", "at work", "took part in this step", "present"),
    "dead": Term("dead", "asleep", "fires for no row of the training set", "silent"),
    "saturated": Term(
        "saturated", "stuck", "at its limits for nearly every row, where its slope is almost nothing", "stubborn"
    ),
    "co-adaptation": Term(
        "co-adaptation", "copycats", "neurons of a layer that answer alike instead of on their own", "echoing"
    ),
    "epoch": Term("epoch", "full pass", "one pass over the whole training set", "round"),
    "epochs": Term("epochs", "full passes", "how long training goes on", "rounds"),
    "step": Term("step", "handful", "one mini-batch: forward, backward, update", "sitting"),
    "batch": Term("batch", "handful", "the rows of one step", "docket"),
    "batch size": Term("batch size", "handful size", "rows in a step", "docket size"),
    "loss": Term("loss", "error score", "how wrong the answers are; training makes it small", "review score"),
    "accuracy": Term("accuracy", "share right", "the share of rows answered correctly", "share right"),
    "r2": Term("r²", "share explained", "how much of the target's spread the answers explain"),
    "learning rate": Term("learning rate", "step length", "how far each update moves the weights", "adjustment"),
    "optimizer": Term("optimiser", "way of stepping", "the rule that turns slopes into updates", "way of adjusting"),
    "momentum": Term(
        "momentum", "run-up", "how much of the last update, or of its size, lives on in the next one", "habit"
    ),
    "beta1": Term("β₁", "memory of slopes", "how much of the slopes' running average a step keeps (Adam)"),
    "beta2": Term("β₂", "memory of sizes", "how much of the squared slopes' running average a step keeps (Adam)"),
    "weight_decay": Term(
        "weight decay", "rust", "how much of every weight each step takes away, times the learning rate (AdamW)"
    ),
    "epsilon": Term("ε", "floor", "a small number that keeps the optimiser from dividing by nothing"),
    "schedule": Term(
        "schedule", "plan of steps", "how the learning rate falls by itself as epochs go by", "plan of rounds"
    ),
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
    "samples": Term("samples", "cases", "how many rows are drawn; turning it draws all of them anew"),
    "noise": Term("noise", "blur", "how far each drawn row strays from where it would lie; turning it draws them anew"),
    "cluster_std": Term("spread", "spread", "how wide each drawn cloud is; turning it draws the rows anew"),
    "inner radius": Term("inner radius", "inner radius", "of the inner ring, where the outer one's is 1"),
    "data seed": Term("data seed", "draw number", "the number that the rows are drawn from; another one draws others"),
    "derived": Term("derived", "made columns", "inputs made of the others by formulas, such as x1^2 or x1*x2"),
    "patience": Term("patience", "patience", "epochs without a better validation loss before it stops; 0 is off"),
    "pace": Term("pace", "pace", "epochs a second at most"),
    "boundary": Term(
        "boundary", "border", "where the network's answer changes from one class to the other", "dividing line"
    ),
    "gradient": Term("gradient", "slope", "how the loss changes when a weight is raised a little", "compass"),
    "backpropagation": Term(
        "backpropagation",
        "sending it back",
        "the error handed back layer by layer, which gives every slope",
        "tracing blame",
    ),
    "update rule": Term(
        "update rule", "dial − step · slope", "weight minus learning rate times gradient", "correction"
    ),
    "Adam": Term("Adam", "step manager", "sizes each weight's step by the mean and the size of its gradients", "chair"),
    "delta": Term(
        "delta", "guess − truth", "the error at a neuron's sum; ŷ − y where sigmoid meets cross-entropy", "mistake"
    ),
    "overflow": Term("overflow", "gear shatter", "a number too large for its format, past e⁸⁸ in float32"),
    "clipping": Term("clipping", "safe band", "keeping numbers between limits, where exponentials and logarithms last"),
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

COMMITTEE_WORDS: Final[dict[str, str]] = {
    "an epoch": "a round",
    "an optimiser": "a way of adjusting",
    "accuracy": "share right",
    "boundary": "dividing line",
    "batch": "docket",
    "batch size": "docket size",
    "bias": "leaning",
    "biases": "leanings",
    "dead": "silent",
    "dropout": "absence",
    "dropped": "absent",
    "epoch": "round",
    "epochs": "rounds",
    "gradient": "compass",
    "gradients": "compasses",
    "layer": "committee",
    "layers": "committees",
    "learning rate": "adjustment",
    "loss": "review score",
    "losses": "review scores",
    "mini-batch": "docket",
    "neuron": "member",
    "neurons": "members",
    "optimiser": "way of adjusting",
    "output": "final vote",
    "step": "sitting",
    "step size": "step size",
    "step went": "step went",
    "steps": "sittings",
    "training batch": "docket",
    "training loss": "review score of past cases",
    "training part": "past cases",
    "training rows": "past cases",
    "training set": "past cases",
    "training step": "sitting",
    "validation loss": "review score of trial cases",
    "validation rows": "trial cases",
    "validation part": "trial cases",
    "validation set": "trial cases",
    "a weight": "an importance",
    "weight": "importance",
    "weights": "importances",
}
"""The same in the words of a committee."""


def _pattern(words: Mapping[str, str]) -> re.Pattern[str]:
    """Return what finds any of the words in a sentence, the longest first."""
    return re.compile(r"\b(" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + r")\b", re.IGNORECASE)


_SENTENCES: Final = {
    "plain": (_pattern(PLAIN_WORDS), PLAIN_WORDS),
    "committee": (_pattern(COMMITTEE_WORDS), COMMITTEE_WORDS),
}


def next_vocabulary(vocabulary: Vocabulary) -> Vocabulary:
    """Return the words that follow when they are changed."""
    every: tuple[Vocabulary, ...] = get_args(Vocabulary)
    return every[(every.index(vocabulary) + 1) % len(every)]


def translated(text: str, vocabulary: Vocabulary) -> str:
    """Return a text of ours in this vocabulary: a term, or a sentence with terms in it; not names from data."""
    if vocabulary == "standard":
        return text
    if text in TERMS:
        return word(text, vocabulary)
    pattern, words = _SENTENCES[vocabulary]
    return pattern.sub(lambda found: _as_capitalized(words[found[0].lower()], found[0]), text)


def _as_capitalized(words: str, original: str) -> str:
    """Return words with a capital first letter where what they stand for has one."""
    return words[0].upper() + words[1:] if original[0].isupper() else words
