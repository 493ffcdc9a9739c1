"""The insides of a run that a watcher may ask for, as arrays by name; ``events.Frame`` says which each view has."""
