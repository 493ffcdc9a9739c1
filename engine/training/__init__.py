"""Training: the loop, its results, and what may be changed while it runs."""
