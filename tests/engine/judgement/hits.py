"""The table of hits and false alarms: ``python -m tests.engine.judgement.hits --seeds 20``.

Every training of ``ill`` is trained with each seed, and should earn its verdict; every healthy preset likewise, and
should earn none but a plateau.
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple, get_args

import presets
from engine.run.verdicts import VerdictName
from tests.engine.judgement.ill import HEALTHY, ILL
from tests.engine.judgement.trained import JudgedTraining


class Row(NamedTuple):
    """What came of one kind of training.

    Attributes:
        what: The verdict that it should earn, or the healthy preset.
        where: The preset, with what is other in it.
        trainings: How many.
        hits: How many earned it; of healthy ones, how many earned none but a plateau.
        others: How many earned each of the other verdicts.
    """

    what: str
    where: str
    trainings: int
    hits: int
    others: Counter[str]


def rows(seeds: range) -> Iterator[Row]:
    """Train everything, and yield what came of it."""
    for ill in ILL:
        names = [_names(JudgedTraining(ill.spec, seed)) for seed in seeds]
        others = Counter(name for found in names for name in found - {ill.verdict})
        settings = " ".join(f"{path}={_short(value)}" for path, value in ill.settings.items())
        hits = sum(ill.verdict in found for found in names)
        yield Row(ill.verdict, f"{ill.preset or 'imbalanced rows'} {settings}", len(names), hits, others)
    for preset in HEALTHY:
        names = [_names(JudgedTraining(presets.load(preset), seed)) for seed in seeds]
        hits = sum(found <= {"plateau"} for found in names)
        yield Row("healthy", preset, len(names), hits, Counter(name for found in names for name in found))


def _names(training: JudgedTraining) -> set[str]:
    training.advance()
    training.judge.close()
    return {verdict.name for verdict in training.verdicts}


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) < 30 else f"{len(value) - 1} hidden layers" if isinstance(value, list) else "…"


def main() -> None:
    """Print the table, then hits and false alarms by verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    warnings.simplefilter("ignore", RuntimeWarning)  # what overflows is meant to
    hits, tried, alarms = Counter[str](), Counter[str](), defaultdict[str, int](int)
    healthy = 0
    for row in rows(range(parser.parse_args().seeds)):
        others = ", ".join(f"{name} {count}" for name, count in row.others.most_common())
        print(f"{row.what:24}{row.hits:3} of {row.trainings:3}  {row.where}  [{others}]", flush=True)  # noqa: T201
        if row.what == "healthy":
            healthy += row.trainings
            for name, count in row.others.items():
                alarms[name] += count
        else:
            hits[row.what] += row.hits
            tried[row.what] += row.trainings
    print("\nverdict                 hits          false alarms in healthy trainings")  # noqa: T201
    for name in get_args(VerdictName):
        print(f"{name:24}{hits[name]:3} of {tried[name]:3}    {alarms[name]:3} of {healthy}")  # noqa: T201


if __name__ == "__main__":
    main()
