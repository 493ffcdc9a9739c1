"""Measuring claims again: what they need is computed once, on all cores, and then judged figure by figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from engine.errors import InputError, sanitize
from presets.check import by_hand, facts, network, runs
from presets.check.runs import RunPlan
from presets.check.values import band, flat, from_table, look_up, plain
from presets.check.verdicts import Judgement, judge
from presets.claims import (
    ByHandMeasure,
    Claim,
    ClaimedFigure,
    FactMeasure,
    LabMeasure,
    Measure,
    NetworkMeasure,
    RunMeasure,
    figures,
)

MEASURES: TypeAdapter[Measure] = TypeAdapter(Measure)


@dataclass(frozen=True)
class Subject:
    """What claims are made of: a preset or a lab.

    Attributes:
        name: As it is listed.
        claims: Its claims, or some of them.
        file: Of a preset that is not the library's, its file: other processes may be told of other folders.
    """

    name: str
    claims: tuple[Claim, ...]
    file: str | None = None

    @property
    def source(self) -> str:
        """What a preset is loaded by, and a lab found by."""
        return self.file or self.name


@dataclass(frozen=True)
class Result:
    """A figure, measured again.

    Attributes:
        subject: The preset or lab.
        claimed: The figure, with its claim.
        measured: What came out: a number, text, list or matrix; a table for a band over seeds.
        judgement: Its verdict.
    """

    subject: Subject
    claimed: ClaimedFigure
    measured: Any
    judgement: Judgement


@dataclass(frozen=True)
class Job:
    """Something to compute once: a run, or the values of one measure of a subject."""

    subject: str
    measure: str
    plan: RunPlan | None = None

    def cost(self) -> float:
        """Return roughly how much work it is, so that the longest can begin first."""
        return self.plan.cost() if self.plan is not None else COST_OF_VALUES


COST_OF_VALUES = 5e8
"""As ``RunPlan.cost`` counts: of the mean fact, of which the longest takes a second."""
WORTH_A_POOL = 1e10
"""Some three seconds of work; starting processes takes one or two."""

Progress = Callable[[int, int], None]
"""Called with how many jobs are done, and how many there are."""


def check(subjects: Sequence[Subject], *, processes: int = -1, progress: Progress | None = None) -> Iterator[Result]:
    """Measure the claims of some presets and labs again; yield each figure's result, in their order.

    Args:
        subjects: What is checked.
        processes: How many work at once; -1 for one a core, 1 for this process alone.
        progress: Told how far it is.

    Raises:
        InputError: A claim asks for a value that its measure has not.
    """
    claimed_figures = [(subject, claimed) for subject in subjects for claimed in figures(subject.claims)]
    jobs = {job: None for subject, claimed in claimed_figures for job in _jobs(subject, claimed)}
    values = _computed(sorted(jobs, key=lambda job: (-job.cost(), job.subject, job.measure)), processes, progress)
    for subject, claimed in claimed_figures:
        figure = claimed.figure
        like = figure.published if figure.ours is None else figure.ours
        measured = plain(_measured(subject, claimed, values), like)
        yield Result(subject, claimed, measured, judge(*claimed, measured))


def _jobs(subject: Subject, claimed: ClaimedFigure) -> list[Job]:
    measure = claimed.claim.measure
    if isinstance(measure, RunMeasure):
        return [Job(plan.preset, "run", plan) for plan in runs.plans(subject.source, measure, claimed.figure)]
    if isinstance(measure, FactMeasure):
        return [Job("", measure.model_dump_json())]
    return [Job(subject.source, measure.model_dump_json())]


def _computed(jobs: Sequence[Job], processes: int, progress: Progress | None) -> dict[Job, Any]:
    """Return the values of each job; the longest are begun first."""
    import joblib  # with its pool, a fifth of a second that only this command needs

    tell = progress or (lambda _done, _jobs: None)
    tell(0, len(jobs))
    if sum(job.cost() for job in jobs) < WORTH_A_POOL:
        processes = 1
    parallel = joblib.Parallel(n_jobs=processes, return_as="generator_unordered", batch_size=1, pre_dispatch="all")
    results: dict[Job, Any] = {}
    done: Iterable[tuple[Job, Any]] = parallel(joblib.delayed(_work)(job) for job in jobs)
    for job, values in done:
        results[job] = values
        tell(len(results), len(jobs))
    return results


def _work(job: Job) -> tuple[Job, Any]:
    """Compute one job, on one BLAS thread: the processes share the cores."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        if job.plan is not None:
            return job, runs.train(job.plan)
        return job, _values(job)


def _values(job: Job) -> Any:
    measure = MEASURES.validate_json(job.measure)
    match measure:
        case ByHandMeasure():
            return by_hand.values(job.subject, measure)
        case NetworkMeasure():
            return network.values(job.subject, measure)
        case FactMeasure():
            return facts.values(measure.name)
        case _:
            return _lab_values(job.subject)


def _measured(subject: Subject, claimed: ClaimedFigure, values: dict[Job, Any]) -> Any:
    claim, figure = claimed
    jobs = _jobs(subject, claimed)
    if isinstance(claim.measure, RunMeasure):
        run, *minus = (values[job] for job in jobs)
        lookup = runs.lookup(run, minus[0] if minus else None)
    else:
        table = values[jobs[0]]
        lookup = from_table(flat(table.get(claim.case, {})) if isinstance(claim.measure, LabMeasure) else table)
    try:
        value = lookup(figure.key) if figure.of is None else look_up(figure.of, lookup, figure.scale)
        return _as_bands(value) if isinstance(claim.measure, RunMeasure) and claim.measure.seeds else value
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{subject.name}: {claim.case} {figure.key}: cannot be measured ({sanitize(error)})") from None


def _as_bands(value: Any) -> Any:
    """Return values over seeds (S,) as bands; what is one number over all seeds stays one."""
    if isinstance(value, list):
        return [_as_bands(entry) for entry in value]
    return band(value) if np.ndim(value) == 1 else value


def _lab_values(name: str) -> dict[str, dict[str, Any]]:
    """Return what a lab computes with its dials as they come, by case and key."""
    from presets import labs

    lab = labs.lab(name)
    return {case: dict(values) for case, values in lab.compute(lab.with_settings({})).values.items()}
