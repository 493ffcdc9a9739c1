"""Finding an action by words: its title, and what else people call it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engine.declarations.optimizers import DECLARED_OPTIMIZERS
from tui_trainer.glossary import TERMS

ALSO: Final[dict[str, str]] = {
    "link.retry": "continue reconnect restart",
    "link.resume": "continue reconnect",
    "run.pause": "stop halt wait",
    "run.resume": "continue start play run unpause",
    "run.step": "minibatch handful forward",
    "run.epoch": "full pass",
    "rate.down": "lr step length slower decrease",
    "rate.up": "lr step length faster increase",
    "pace.down": "slower speed",
    "pace.up": "faster speed",
    "time.back": "history past previous rewind earlier",
    "time.forward": "history later",
    "run.branch": "fork copy clone",
    "run.again": "reset rerun reproduce seeds",
    "run.reseed": "seeds random reset rerun",
    "run.news": "missed absence since meanwhile changes who",
    "run.undo": "revert back",
    "network.narrow": "units neurons clerks smaller fewer",
    "network.widen": "units neurons clerks bigger more",
    "network.units": "width",
    "network.add": "room hidden deeper",
    "network.remove": "room hidden delete",
    "network.activation": "relu tanh sigmoid function",
    "network.init": "initializer initialiser glorot he xavier",
    "charts.smooth": "average ema noise",
    "charts.kind": "gradients slopes layers",
    "heatmap.kind": "gradients slopes moments",
    "heatmap.edit": "change set",
    "boundary.derive": "features feature engineering square product sin inputs",
    "charts.log": "logarithmic scale",
    "full": "fullscreen maximise maximize",
    "words": "vocabulary plain simple standard committee language",
    "screen.runs": "history attach list",
    "screen.presets": "examples recipes data",
    "screen.sweeps": "grid search random hyperparameters tune tuning compare many best",
    "screen.labs": "laboratory experiments plots overflow losses descent activations initialization vanishing",
    "screen.by_hand": "explain forward backward backprop backpropagation chain rule derivative formula step sample row",
    "heatmap.wiggle": "gradient check finite difference slope",
    "screen.exam": "set testset score evaluate evaluation confusion matrix precision recall f1 accuracy result",
    "preset.save": "export write recipe",
    "help": "glossary manual shortcuts",
    "leave": "quit exit close end",
    "training.optimizer": " ".join(DECLARED_OPTIMIZERS),
    "training.schedule.kind": "decay annealing cosine",
    "training.stopping.patience": "early stopping",
    "training.l1": "regularization regularisation penalty",
    "training.l2": "weight decay regularization regularisation penalty",
    "training.clip": "clipping gradient norm",
    "pace": "speed",
    "data.samples": "rows size more data draw",
    "data.train": "rows size more data pictures draw",
    "data.noise": "draw data",
    "data.seed": "draw data anew other rows",
    "data.derived": "features feature engineering columns square product sin",
}
"""Further words by which the keys of the table are found, by their ids, and the dials, by their paths."""

EXACT: Final = 1.0
PREFIX: Final = 0.7
BY_ANOTHER_NAME: Final = 0.9
"""What a word counts that is in the title as it was typed, or begins so; and the share of it where it is an alias."""


def score(query: str, title: str, also: str = "") -> float:
    """Return how well an action answers a query, 0 … 1; 0 where one of the words is neither in its title nor its alias.

    Args:
        query: What was typed.
        title: The action as it is shown.
        also: Further words that lead to it.
    """
    words = _words(query)
    if not words:
        return 0.0
    titles, aliases = _words(title), _words(also)
    scores = [max(_likeness(word, titles), BY_ANOTHER_NAME * _likeness(word, aliases)) for word in words]
    return sum(scores) / len(scores) if all(scores) else 0.0


def both_names(text: str) -> str:
    """Return the names in all vocabularies of what a text is a term for, empty if it is no term."""
    term = TERMS.get(text)
    return f"{term.standard} {term.plain} {term.committee}".strip() if term else ""


def _likeness(word: str, names: Sequence[str]) -> float:
    if word in names:
        return EXACT
    return PREFIX if any(name.startswith(word) for name in names) else 0.0


def _words(text: str) -> list[str]:
    return re.findall(r"[\w²₁₂]+", text.casefold())
