"""One file a contestant: each trains a workload's network, an epoch at a time, as one would with that library."""
