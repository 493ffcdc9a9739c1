"""Training without a screen: a client of the same worker that prints what it is told."""
