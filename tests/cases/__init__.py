"""Small inputs of our own with their right values, each for a way in which data went silently wrong somewhere."""
