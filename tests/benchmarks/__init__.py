"""What is claimed of speed, measured: ratios side by side in one run."""
