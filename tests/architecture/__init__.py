"""Tests of the house itself: what imports what, what the wheel holds, what the README promises."""
