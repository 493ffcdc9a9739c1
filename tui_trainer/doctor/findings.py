"""What was found, line by line, and how it is told to another machine."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.errors import InputError, sanitize
from tui_trainer.formatting import wrapped_text

Grade = Literal["ok", "hint", "fault"]

MOST_OUTPUT: Final = 2**18


class Finding(BaseModel):
    """One thing that was looked at.

    Attributes:
        name: What it is.
        grade: Whether all is well, something could be better, or something does not work.
        text: How it stands.
        advice: What to do; empty where all is well.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Annotated[str, Field(max_length=100)]
    grade: Grade
    text: Annotated[str, Field(max_length=1000)]
    advice: Annotated[str, Field(max_length=1000)] = ""

    def lines(self, columns: int | None = None) -> list[str]:
        """Return the finding as it is read, wrapped to so many columns; none of it can harm a terminal."""
        mark = {"ok": "ok   ", "hint": "hint ", "fault": "fault"}[self.grade]
        heads = {f"{mark} {sanitize(self.name, 12):<12} ": sanitize(self.text, 1000)}
        if self.advice:
            heads[f"{'':19}-> "] = sanitize(self.advice, 1000)
        return [line for head, text in heads.items() for line in _hanging(head, text, columns)]


def _hanging(head: str, text: str, columns: int | None) -> list[str]:
    width = 10_000 if columns is None else columns - len(head)
    first, *further_lines = wrapped_text(text, max(width, 20))
    return [head + first, *(" " * len(head) + line for line in further_lines)]


class Examination(BaseModel):
    """All that was found on one machine.

    Attributes:
        version: Of the program there.
        protocol: That it speaks to workers and watchers.
        messages: Fingerprint of its messages; empty where it does not say.
        findings: Line by line.
        remote: What was found on the machine that was asked about, if it answered.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["doctor"] = "doctor"
    version: Annotated[str, Field(max_length=100)]
    protocol: Annotated[int, Field(ge=0, lt=2**31)]
    messages: Annotated[str, Field(max_length=40)] = ""
    findings: Annotated[tuple[Finding, ...], Field(max_length=100)]
    remote: Examination | None = None

    @property
    def has_faults(self) -> bool:
        """Whether anything does not work, here or there."""
        there = self.remote is not None and self.remote.has_faults
        return there or any(finding.grade == "fault" for finding in self.findings)


def ok(name: str, text: str) -> Finding:
    """Return that all is well."""
    return Finding(name=name, grade="ok", text=text)


def hint(name: str, text: str, advice: str) -> Finding:
    """Return what works and could be better."""
    return Finding(name=name, grade="hint", text=text, advice=advice)


def fault(name: str, text: str, advice: str) -> Finding:
    """Return what does not work."""
    return Finding(name=name, grade="fault", text=text, advice=advice)


def parse_examination(host: str, output: str) -> Examination:
    """Return what another machine's ``doctor --json`` has printed; what its shell printed besides is passed over.

    Raises:
        InputError: It is nothing of the kind.
    """
    lines = [line for line in output[:MOST_OUTPUT].splitlines() if line.lstrip().startswith("{")]
    try:
        return Examination.model_validate_json(lines[-1] if lines else "")
    except ValidationError:
        raise InputError(f"{sanitize(host)}: its doctor said nothing that can be read; is it tui-trainer?") from None
