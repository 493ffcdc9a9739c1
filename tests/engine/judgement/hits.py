"""The table of hits and false alarms: ``python -m tests.engine.judgement.hits --seeds 20``.

Every training of ``ill`` is trained with each seed, and should earn its verdict; every healthy preset likewise, and
should earn none.
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple, get_args

from joblib import Parallel, delayed

import presets
from engine.run.verdicts import VerdictName
from engine.spec import Spec
from tests.engine.judgement.ill import HEALTHY, ILL, PICTURES, Ill
from tests.engine.judgement.trained import JudgedTraining

LOOKS = 100
"""At a long training on its way."""


class Row(NamedTuple):
    """What came of one kind of training.

    Attributes:
        what: The verdict that it should earn, or the healthy preset.
        where: The preset, with what is other in it.
        trainings: How many.
        hits: How many earned it; of healthy ones, how many earned none.
        others: How many earned each of the other verdicts.
    """

    what: str
    where: str
    trainings: int
    hits: int
    others: Counter[str]


class Kind(NamedTuple):
    """One kind of training.

    Attributes:
        what: The verdict that it should earn, or ``healthy``.
        where: The preset, with what is other in it.
        spec: The recipe.
        is_long: Whether it takes minutes: it ends as soon as it has earned its verdict.
    """

    what: str
    where: str
    spec: Spec
    is_long: bool = False

    @property
    def expects(self) -> set[str]:
        """What there has to be among its verdicts."""
        return set() if self.what == "healthy" else {self.what}

    def is_hit(self, names: set[str]) -> bool:
        """Return whether verdicts of these names are right."""
        return not names if self.what == "healthy" else self.expects <= names


def kinds(*, pictures: bool) -> list[Kind]:
    """Return the kinds of training, with the tutorial's pictures or without."""
    ill = [Kind(each.verdict, _where(each), each.spec) for each in ILL]
    healthy = [Kind("healthy", preset, presets.load(preset)) for preset in HEALTHY]
    learned_by_heart = [Kind("overfitting", preset, presets.load(preset), is_long=True) for preset in PICTURES]
    return ill + healthy + (learned_by_heart if pictures else [])


def rows(kinds: Sequence[Kind], seeds: range, workers: int) -> Iterator[Row]:
    """Train everything, in so many processes, and yield what came of it."""
    jobs = (delayed(_names)(kind, seed) for kind in kinds for seed in seeds)
    names_of_trainings = Parallel(n_jobs=workers, return_as="generator")(jobs)
    for kind in kinds:
        names = list(islice(names_of_trainings, len(seeds)))
        hits = sum(kind.is_hit(found) for found in names)
        others = Counter(name for found in names for name in found - kind.expects)
        yield Row(kind.what, kind.where, len(names), hits, others)


def _names(kind: Kind, seed: int) -> set[str]:
    warnings.simplefilter("ignore", RuntimeWarning)  # what overflows is meant to
    training = JudgedTraining(kind.spec, seed, looks=LOOKS if kind.is_long else 4)
    training.advance(lambda: kind.is_long and kind.expects <= training.standing)
    training.judge.close()
    return {verdict.name for verdict in training.verdicts}


def _where(ill: Ill) -> str:
    settings = (f"{path}={_short(value)}" for path, value in ill.settings.items())
    return " ".join([ill.preset or "imbalanced rows", *settings])


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) < 30 else f"{len(value) - 1} hidden layers" if isinstance(value, list) else "…"


def main() -> None:
    """Print the table, then hits and false alarms by verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pictures", action="store_true", help="the three presets of cats and dogs, too: half an hour")
    parser.add_argument("--only", default="", help="trainings whose verdict or preset contains this")
    arguments = parser.parse_args()
    chosen = [kind for kind in kinds(pictures=arguments.pictures) if arguments.only in f"{kind.what} {kind.where}"]
    hits, tried, alarms = Counter[str](), Counter[str](), defaultdict[str, int](int)
    healthy = 0
    for row in rows(chosen, range(arguments.seeds), arguments.workers):
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
