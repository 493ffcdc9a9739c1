"""Tests of the worker: its pace, its frames, its socket, its loop."""
