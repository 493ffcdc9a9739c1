"""The app before the dashboard: sets a training up on a data file. It leaves, and the dashboard comes."""

from __future__ import annotations

from engine.errors import sanitize
from engine.spec import Spec
from engine.spec.finding import DataFinding
from tui_trainer.keyed_app import KeyedApp
from tui_trainer.screens.setup import Look, SetupScreen
from tui_trainer.settings import Settings
from tui_trainer.ui_config import UiConfig
from tui_trainer.view_models.setup import Selection, SetupModel


class SetupApp(KeyedApp[Spec]):
    """One setup screen; ends with its recipe, or with None."""

    def __init__(self, finding: DataFinding, look: Look, *, title: str, config: UiConfig) -> None:
        super().__init__(config)
        self.title = sanitize(title, 60)
        self.model = SetupModel(
            finding, Selection(targets=finding.targets), keys=config.keys, vocabulary=self.settings.vocabulary
        )
        self._look = look

    def on_mount(self) -> None:
        """Show the screen, and end with what it ends with."""
        self.push_screen(SetupScreen(self.model, self._look, self.title), self.exit)

    @property
    def settings_to_save(self) -> Settings:
        """The settings as they are to be remembered."""
        return self.settings.model_copy(update={"vocabulary": self.model.vocabulary})

    def action_leave(self) -> None:
        """Leave with nothing."""
        self.exit(None)

    def leave_at_once(self) -> None:
        """Leave with nothing: it holds nothing that could be lost."""
        self.exit(None)
