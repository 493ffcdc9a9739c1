"""The tutorials' numbers, and other runs of their recipes, through the public calls."""
