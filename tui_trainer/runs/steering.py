"""Steer the run that is shown: commands, dials, edits, weights, undo, and the walk through its checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.errors import InputError, sanitize
from engine.protocol.commands import Command, NextEpoch, NextStep, Pause, Resume, SetDial, ViewCheckpoint
from engine.run.edits import EDIT_PATH, edited
from engine.run.verdicts import Cure
from tui_trainer.formatting import signed
from tui_trainer.glossary import translated
from tui_trainer.runs.connection import RunConnection
from tui_trainer.view_models.checkpoint_navigation import next_checkpoint
from tui_trainer.view_models.dials import consequence
from tui_trainer.view_models.edits import UndoEntry, announcement, inverse, lost_dropout, price_of_undoing
from tui_trainer.view_models.pending import VISIT
from tui_trainer.view_models.requests import ChangeRequest, EditNetwork, FlipSwitch, SetWeight, StepDial, TurnDial
from tui_trainer.view_models.verdicts import requests_of
from tui_trainer.view_models.weights import all_alike, is_weight

COMMANDS: Final[dict[str, type[Command]]] = {
    "pause": Pause,
    "resume": Resume,
    "next-step": NextStep,
    "next-epoch": NextEpoch,
}


class RunSteering:
    """Says what it does, shows it at once as asked for, and sends it to the worker.

    Args:
        connection: Leads to the worker.
        say: Takes one line for the user.
    """

    def __init__(self, connection: RunConnection, say: Callable[[str], object]) -> None:
        self._connection = connection
        self._model = connection.model
        self._say = say

    def can_steer(self, command: str) -> bool:
        """Return whether one of the plain commands does something now."""
        model = self._model
        if not (model.may_command and model.in_training and model.can("steer")):
            return False
        return command not in {"pause", "resume"} or (command == "pause") == model.is_running

    def can_turn(self) -> bool:
        """Return whether a dial can be turned without looking at it."""
        return self._model.may_steer and self._model.in_training

    def can_travel(self, direction: int) -> bool:
        """Return whether there is another checkpoint in a direction."""
        return self._model.may_command and self._next_checkpoint(direction) != self._model.visiting

    def can_undo(self) -> bool:
        """Return whether there is anything to undo."""
        return self._model.may_steer and self._model.pending.can_undo

    async def steer(self, command: str) -> None:
        """Send one of the plain commands."""
        self._say("")
        await self._connection.send(COMMANDS[command]())

    async def turn(self, path: str, direction: int) -> None:
        """Turn a dial by one step of its scale."""
        dial = self._model.dial(path)
        if dial is not None:
            await self.request(StepDial(dial, direction))

    async def travel(self, direction: int) -> None:
        """Show the checkpoint before or after; after the last one comes the present."""
        epoch, model = self._next_checkpoint(direction), self._model
        pauses = model.is_running and epoch is not None
        on = model.glyph("run.resume")
        self._say(f"training pauses while you look back; {on} goes on with it from the present" if pauses else "")
        await self._connection.ask(VISIT, epoch, ViewCheckpoint(epoch=epoch))

    async def request(self, request: ChangeRequest) -> None:
        """Ask for a change that a pane wants; it can be undone.

        Since its key was pressed the network may have become another one. What does not fit it is not asked for.
        """
        model, run = self._model, self._model.run
        match request:
            case StepDial(dial) | TurnDial(dial) if model.dial(dial.path) is None:
                self._say(f"{model.dial_name(dial)}: the run has no such dial any more")
            case StepDial(dial, direction):
                await self.request(TurnDial(dial, dial.turn(model.value(dial, run), direction)))
            case FlipSwitch(switch):
                for turn in switch.switch():
                    await self.request(turn)
            case TurnDial(dial, value):
                meaning = translated(consequence(dial.path), model.vocabulary)
                self._say(f"{model.dial_name(dial)} → {dial.show(value)}{meaning}")
                model.pending.push_undo(UndoEntry(dial.path, value, model.value(dial, run)))
                await self._connection.ask(dial.path, value, dial.command(value))
            case EditNetwork(edit):
                before = model.planned(run)
                try:
                    edited(before, run.welcome.inputs, edit)
                except InputError as error:
                    self._say(sanitize(error))
                    return
                self._say(translated(announcement(before, edit), model.vocabulary))
                model.pending.push_undo(UndoEntry(EDIT_PATH, edit.model_dump(), before))
                await self._connection.edit(edit)
            case SetWeight(path, name, value, before):
                self._say(f"{name} → {signed(value)}")
                model.pending.push_undo(UndoEntry(path, value, before, name))
                await self._connection.ask(path, value, SetDial(path=path, value=value))

    async def cure(self, cure: Cure) -> None:
        """Do what a verdict says to try: changes like those of the dials, which can be undone one by one."""
        try:
            requests = requests_of(cure, self._model)
        except InputError as error:
            self._say(sanitize(error))
            return
        for request in requests:
            await self.request(request)
        if not requests:
            self._say("this run has no dial for it")

    async def undo(self) -> None:
        """Undo the last edit, turn of a dial or change of a weight that was asked for here."""
        entry, run = self._model.pending.pop_undo(), self._model.run
        dial = self._model.dial(entry.path)
        if entry.path == EDIT_PATH:
            await self._undo_edit(entry)
        elif is_weight(entry.path):
            self._say(f"undone: {entry.name} → {signed(entry.before)}{all_alike(run)}")
            await self._connection.ask(entry.path, entry.before, SetDial(path=entry.path, value=entry.before))
        elif dial is not None:
            self._say(f"undone: {self._model.dial_name(dial)} → {dial.show(entry.before)}")
            await self._connection.ask(dial.path, entry.before, dial.command(entry.before))

    async def _undo_edit(self, entry: UndoEntry) -> None:
        run = self._model.run
        price = translated(price_of_undoing(entry.before, entry.value), self._model.vocabulary)
        self._say(f"undone: {price}")
        for edit in inverse(entry.before, run.welcome.inputs, entry.value):
            await self._connection.edit(edit)
        for path, rate in lost_dropout(entry.before, entry.value):
            await self._connection.send(SetDial(path=path, value=rate))

    def _next_checkpoint(self, direction: int) -> int | None:
        run = self._model.run
        return next_checkpoint(run.checkpoints, run.frame.epoch, self._model.visiting, direction)
