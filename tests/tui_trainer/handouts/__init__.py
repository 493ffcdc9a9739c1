"""Tests of ``tui_trainer.handouts``."""
