"""Many trainings of one recipe with other values: which there are, who does them, what came of them.

A sweep is a directory of the store. One process works on it (``python -m engine.sweep DIRECTORY``) and writes what has
ended; everyone else reads, and asks by leaving requests there.
"""
