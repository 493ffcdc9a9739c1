"""What the panes show, worked out without a screen, so that it is tested without one: numbers in, words out."""
