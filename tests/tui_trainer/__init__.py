"""Tests of the dashboard, without a worker."""
