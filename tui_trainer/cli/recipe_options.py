"""Options of the commands that train a recipe: values to replace, seeds, epochs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from tui_trainer.cli import parameters, suggestions

SEEDS = 2**32
"""How many seeds there are."""
MOST_AT_ONCE = 1000

Command = TypeVar("Command", bound=Callable[..., Any])


def set_option(about: str) -> Callable[[Command], Command]:
    """Return ``--set PATH=VALUE``, any number of times; ``settings`` are pairs."""
    return click.option(
        "--set",
        "settings",
        type=parameters.setting,
        multiple=True,
        shell_complete=suggestions.settings,
        metavar="PATH=VALUE",
        help=about,
    )


def seed_option(about: str) -> Callable[[Command], Command]:
    """Return ``--seed N``, the first of all seeds."""
    return click.option("--seed", type=parameters.WholeNumber(0, SEEDS - 1), metavar="N", help=about)


def seeds_option(about: str) -> Callable[[Command], Command]:
    """Return ``--seeds N``, how many there are."""
    return click.option("--seeds", type=parameters.WholeNumber(1, MOST_AT_ONCE), metavar="N", help=about)


epochs_option = click.option(
    "--epochs", type=parameters.WholeNumber(0), metavar="N", help="Full passes over the training set."
)
"""``--epochs N``, in place of the recipe's."""


def replaced(settings: tuple[tuple[str, Any], ...], epochs: int | None) -> dict[str, Any]:
    """Return the values to replace in the recipe, by their paths."""
    return dict(settings) | ({} if epochs is None else {"training.epochs": epochs})
