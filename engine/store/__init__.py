"""The run store: one directory per run, with its description, metrics, checkpoints, log and lock.

Only the worker that holds a run's lock writes into it. Everyone may read at any time: while it trains, after its end,
and after it was killed.
"""
