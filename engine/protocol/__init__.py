"""What crosses the boundary between a worker and those who watch it: commands in, events out, arrays as raw frames."""
