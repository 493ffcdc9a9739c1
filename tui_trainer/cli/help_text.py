"""The help of the program as click prints it, kept because click takes long to import.

Written by ``docs/help_text.py``; a test holds the two to each other.
"""

from __future__ import annotations

HELP = """\
Usage: tui-trainer [PRESET | FILE.toml | DATA | COMMAND …]

  Watch and steer a neural network while it learns, from a terminal.

Options:
  --version   Show the version and exit.
  -h, --help  Show this message and exit.

Commands:
  attach      Open the screen on a run, by default the one at work.
  check       Measure the figures of the tutorials again.
  compare     Compare runs: in recipes, in losses, and by more than chance.
  completion  Print what makes a shell complete what you type.
  delete      Delete runs and sweeps with all that is in them; asks first.
  doctor      Say what terminal, BLAS, store and ssh can do, and what to do.
  exam        Open a run's sealed exam; every opening is recorded.
  explain     Take one row through the network and back, with every number.
  export      Take a run's network elsewhere, as it stands.
  lab         Compute a lab's figures, or list the labs.
  learn       Go through the tutorials, lesson by lesson.
  predict     Answer for the rows of a file, by a run's network.
  presets     List the presets, or print one.
  prune       Delete old runs and sweeps, never one that is at work.
  rename      Give a run or a sweep another name.
  resume      Take up a run or a sweep that was stopped, or whose process...
  run         Train a network: on the screen, or headless.
  runs        List the runs, and below them the sweeps.
  stop        Stop a run or a sweep: it is saved, and can be resumed.
  sweep       Train a recipe with many values of its keys, each with...
  verdicts    Say what goes wrong in a run, since when, by which numbers,...
  watch       Watch runs, here or on other machines.

  A preset or a file opens and trains at once, as `run` does; without either,
  breast-cancer.
"""
