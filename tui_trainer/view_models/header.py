"""The words of the header and of the line above the keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import sanitize
from engine.protocol.events import Frame, OtherWorker
from engine.run.changes import EditNetwork, SetPace
from engine.run.verdicts import Verdict
from tui_trainer.formatting import count, duration
from tui_trainer.glossary import translated
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.away import news_lines
from tui_trainer.view_models.change_texts import headline
from tui_trainer.view_models.dashboard import DashboardModel, Notice
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.verdicts import keys_of, line_of, name_of, standing

REASONS = {
    "epochs": "all epochs done",
    "early_stopping": "stopped early: the validation loss no longer fell",
    "stopped": "stopped on request",
    "non_finite": "stopped: a value was no longer finite",
}


@dataclass(frozen=True)
class State:
    """How the run stands, in a sign, a word and an ink."""

    sign: str
    word: str
    ink: Ink


_STATES = {
    "running": State("▶", "training", Ink.GOOD),
    "paused": State("‖", "paused", Ink.WARNING),
    "finished": State("✓", "finished", Ink.ACCENT),
    "stopped": State("■", "stopped", Ink.MUTED),
    "not finite": State("✕", "not finite", Ink.ERROR),
    "silent": State("·", "silent", Ink.WARNING),
    "reconnecting": State("⇄", "reconnecting", Ink.WARNING),
    "died": State("✕", "died", Ink.ERROR),
}


def state_of(model: DashboardModel) -> State:
    """Return how the run stands, as far as is known."""
    if (unreached := _unreached(model)) is not None:
        return unreached
    frame = model.run.frame
    if not model.has_frame:
        return State("·", "loading", Ink.MUTED)
    if model.visiting is not None:
        return State("◂", "looking back", Ink.WARNING)
    return _STATES["not finite" if frame.reason == "non_finite" else frame.state]


def _unreached(model: DashboardModel) -> State | None:
    """Return how the link stands where its worker does not answer; None where it does."""
    host = model.link_state.host
    if model.link in {"died", "reconnecting"}:
        return _STATES[model.link]
    if model.link == "opening":
        return State("·", "connecting" if host else "starting", Ink.MUTED)
    if model.silence:
        return State("·", _last_heard(model), Ink.WARNING) if host else _STATES["silent"]
    return None


def place_line(model: DashboardModel, frame: Frame) -> str:
    """Return how far the run has come, or which of its checkpoints is looked at."""
    word = model.word("epoch")
    if model.visiting is not None:
        return f"looking at {word} {count(model.visiting)} of {count(frame.epoch)}"
    if not frame.epochs:
        return f"{word} {count(frame.epoch)}"
    whole = count(frame.epochs)
    return f"{word} {count(frame.epoch):>{len(whole)}} / {whole}"


def network_line(run: RunModel) -> str:
    """Return the widths of all layers, the inputs first: ``30→16→8→1``; of a reported run the program's name."""
    if run.welcome.reported is not None:
        return sanitize(run.welcome.reported.source, 40)
    widths = [run.welcome.inputs, *(layer.units for layer in run.spec.network.layers)]
    if len(widths) > 8:
        return f"{'→'.join(map(str, widths[:3]))}→…→{widths[-1]} ({len(widths) - 1} layers)"
    return "→".join(map(str, widths))


def seeds_line(run: RunModel) -> str:
    """Return the seed, or the first and last of several."""
    seeds = run.welcome.seeds
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]}–{seeds[-1]}"


def time_left(frame: Frame) -> str:
    """Return how long the run will take at its present speed, empty where nobody knows."""
    if frame.state != "running" or not frame.epochs_per_second:
        return ""
    return f"{duration((frame.epochs - frame.epoch) / frame.epochs_per_second)} left"


def notice_of(model: DashboardModel) -> Notice:
    """Return the line above the keys: what has just happened, else what waits, else how the run stands."""
    if model.link in {"died", "reconnecting"}:
        return _loss_notice(model)
    if model.notice.text and not (model.link == "opening" and (model.silence or model.reading)):
        return model.notice
    frame = model.run.frame
    if model.silence or not model.has_frame:
        return _silence_notice(model)
    if model.has_news:
        return Notice("\n".join(news_lines(model)), Ink.TEXT)
    return _standing_notice(model, frame)


def _standing_notice(model: DashboardModel, frame: Frame) -> Notice:
    if model.visiting is not None:
        return Notice(_looking_back(model, frame), stands=True)
    if model.other_worker is not None:
        return _other_version(model, model.other_worker)
    verdicts = standing(model.run.verdicts.values())
    if frame.message and not (frame.reason == "non_finite" and verdicts):
        return Notice(sanitize(frame.message), Ink.WARNING)
    if verdicts and frame.state != "paused":
        return _verdict_notice(model, verdicts)
    verdict_text = (
        f" · ▲ {name_of(verdicts[0], model.vocabulary)}: {model.glyph('screen.verdicts')}" if verdicts else ""
    )
    return Notice(_standing(model, frame) + verdict_text, stands=True)


def _verdict_notice(model: DashboardModel, verdicts: Sequence[Verdict]) -> Notice:
    """Return the gravest verdict that stands, with the keys of its cure and of the list of all."""
    line, keys = line_of(verdicts[0], model), keys_of(verdicts[0], len(verdicts) - 1, model)
    return Notice(line, Ink.WARNING, stands=True, keys=keys)


def _silence_notice(model: DashboardModel) -> Notice:
    if model.reading and model.link == "opening":
        return Notice(f"starting the worker… {model.reading}")
    if not model.silence:
        return Notice("")
    if model.link == "opening" and model.link_state.host:
        return Notice(f"{model.link_state.opening} {duration(model.silence)}")
    if model.link == "opening":
        return Notice(f"starting the worker… {duration(model.silence)}: it reads the data first")
    step = model.word("step")
    if model.link_state.host:
        host = sanitize(model.link_state.host)
        return Notice(f"{_last_heard(model)}: {host} is out of reach, or busy with a long {step}", Ink.WARNING)
    return Notice(f"no answer for {duration(model.silence)}: a long {step}, or the worker stands still", Ink.WARNING)


def _last_heard(model: DashboardModel) -> str:
    return f"last heard {duration(model.silence)} ago"


def _loss_notice(model: DashboardModel) -> Notice:
    if model.link == "reconnecting":
        return Notice(model.link_state.outage(model.glyph("link.retry")), Ink.WARNING)
    if not model.can_resume or model.read_only:
        return Notice(model.why, Ink.ERROR)
    if not model.run.is_known:  # what kept it from beginning does so again, unless it is mended
        return Notice(f"{model.why} · {model.glyph('link.retry')} tries again", Ink.ERROR)
    return Notice(f"{model.why} · {model.glyph('link.resume')} resumes it from its last checkpoint", Ink.ERROR)


def _other_version(model: DashboardModel, worker: OtherWorker) -> Notice:
    """Say that the run is only looked at, and how it is taken over."""
    line = f"its worker is {worker.words}: shown from its store"
    if model.can_resume and not model.read_only:
        line += f" · {model.glyph('link.resume')} stops it, saved, and goes on with this version"
    return Notice(line, Ink.WARNING)


def _looking_back(model: DashboardModel, frame: Frame) -> str:
    parts = [f"{model.glyph('time.back')} {model.glyph('time.forward')} walk through the checkpoints"]
    parts.append(f"{model.glyph('run.branch')} makes a new run from here")
    if frame.state == "paused":
        parts.append(f"{model.glyph('run.resume')} goes on from the present")
    return " · ".join(parts)


def _last_edit(model: DashboardModel) -> str:
    """Return what the latest change has cost, where it was an edit of the network and that is known."""
    run = model.run
    change = next((change for change in reversed(run.changes) if not isinstance(change, SetPace)), None)
    if not isinstance(change, EditNetwork):
        return ""
    cost = run.costs.line(change.epoch)
    if not cost:
        return ""
    what = headline(change, model.dials, model.vocabulary)
    return f"{what} at {model.word('epoch')} {count(change.epoch)}: {translated(cost, model.vocabulary)}"


def _standing(model: DashboardModel, frame: Frame) -> str:
    if model.run.is_before_first_step:
        takes, on = model.glyph("run.step"), model.glyph("run.resume")
        return f"paused before the first {model.word('step')} · {takes} takes it · {on} trains to the end"
    if frame.state == "paused":
        place = f"{model.word('step')} {frame.step} of {frame.steps} done" if frame.step else "at its end"
        epoch = frame.epoch + 1 if frame.step else frame.epoch
        return f"paused · {model.word('epoch')} {count(epoch)}, {place}"
    if frame.state == "running":
        return _last_edit(model)
    reason = translated(REASONS.get(frame.reason or "", "ended"), model.vocabulary)
    goes_on = frame.state == "finished" and frame.reason != "non_finite" and model.may_steer and model.can("epochs")
    more = translated(" · raise epochs in the dials to go on", model.vocabulary) if goes_on else ""
    if not frame.epochs and not frame.epoch:
        by_hand, weights = model.glyph("screen.by_hand"), model.word("weights")
        return (
            f"forward only: no {model.word('step')} to take · {by_hand} takes a row through it · 3 shows its {weights}"
        )
    if not frame.epochs:
        return f"{reason}, after {count(frame.epoch)} {model.word('epochs')}"
    return f"{reason}, after {count(frame.epoch)} of {count(frame.epochs)} {model.word('epochs')}{more}"
