"""Tests of the cell grid, the panes, and the writer of bytes."""
