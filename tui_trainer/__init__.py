"""The terminal program: command line, headless training, and the screens. It leans on ``presets`` and ``engine``."""
