"""Tests of what crosses the boundary between a worker and its watchers."""
