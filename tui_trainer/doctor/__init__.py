"""What the terminal, the machine, the folders and ssh can do, and what to do where that is not enough."""
