"""Tests of what is declared once, against the arithmetic."""
