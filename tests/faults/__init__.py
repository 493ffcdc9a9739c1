"""What may go wrong around a run: processes that die, signals, full disks, damaged files."""
