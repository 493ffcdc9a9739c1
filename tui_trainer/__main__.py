"""``python -m tui_trainer`` is ``tui-trainer``."""

from __future__ import annotations

import sys

from tui_trainer.cli import main

sys.exit(main())
