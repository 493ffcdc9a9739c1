"""How the screen looks: the inks that widgets draw with, and the colours each theme gives them."""
