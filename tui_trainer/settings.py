"""What the screen remembers from one time to the next: ``settings.toml`` in the user's configuration folder."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, get_args

import tomli_w
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from engine.errors import InputError, TrainerError, describe_validation, sanitize
from engine.store.files import write_durably
from tui_trainer.glossary import Vocabulary
from tui_trainer.panes import TABS, Tab
from tui_trainer.themes.glyphs import GlyphChoice
from tui_trainer.themes.variants import ThemeName

FILE: Final = "settings.toml"


def _known_tab(tab: Tab) -> Tab:
    if tab not in (keys := [spec.key for spec in TABS]):
        raise ValueError(f"expected one of {keys}")
    return tab


class Settings(BaseModel):
    """What the user has chosen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vocabulary: Vocabulary = "standard"
    """The field's own words, or plain ones."""

    log_axis: bool = True
    """Whether the loss has a logarithmic axis."""

    theme: ThemeName = "dark"
    """The colours; a terminal that shows only sixteen gets the theme made for it."""

    glyphs: GlyphChoice = "auto"
    """What curves and signs are drawn with: braille, blocks, ascii, or what the terminal seems to be able to show."""

    bell: bool = False
    """Whether the terminal's bell rings when a run that is watched has ended."""

    place: Annotated[Tab, Field(strict=True), AfterValidator(_known_tab)] = 2
    """The pane, by its key, that is shown first where not all have room."""


@dataclass(frozen=True)
class LoadedSettings:
    """The settings as they were found; ``complaint`` is one line about a file that could not be read."""

    settings: Settings
    complaint: str | None = None


def load(folder: Path) -> LoadedSettings:
    """Return the settings of a folder; where they are damaged, the defaults and what is wrong with them."""
    path = folder / FILE
    try:
        document = read_toml(path)
        return LoadedSettings(Settings() if document is None else Settings.model_validate(document))
    except InputError as error:
        return LoadedSettings(Settings(), f"{error}; the defaults are used")
    except ValidationError as error:
        return LoadedSettings(Settings(), f"{sanitize(path)}: {describe_validation(error)}; the defaults are used")


def save(folder: Path, before: LoadedSettings, now: Settings) -> None:
    """Write settings that have changed; a damaged file is left to whoever wrote it.

    Raises:
        TrainerError: The folder cannot be written to.
    """
    if now == before.settings or before.complaint is not None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainerError(f"{sanitize(folder)}: cannot be made ({error.strerror})") from None
    write_durably(folder / FILE, tomli_w.dumps(now.model_dump()).encode())


def choices(now: Settings) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what can be chosen that no key does: a title, and the settings it stands for."""
    for theme in get_args(ThemeName):
        yield f"Theme: {theme}", {"theme": theme}
    for glyphs in get_args(GlyphChoice):
        yield f"Draw with: {glyphs}", {"glyphs": glyphs}
    yield f"Bell at the end of a run: {'off' if now.bell else 'on'}", {"bell": not now.bell}


def read_toml(path: Path) -> dict[str, Any] | None:
    """Return what a TOML file says, None where there is no file.

    Raises:
        InputError: It cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{sanitize(path)}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{sanitize(path)}: expected TOML ({sanitize(error, 80)})") from None
