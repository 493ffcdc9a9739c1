"""How long the tests wait for what should come: as long as a busy, slow machine may need. No measure of speed."""

PATIENCE = 120.0
"""Seconds after which a test that waits in vain fails; none waits for so long otherwise."""
SOAK_PATIENCE = 900.0
"""The same for a soak, which runs for long beside other work."""
