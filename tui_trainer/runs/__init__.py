"""The runs that the screen shows: the connection to one, the way to others, the store, and the presets."""
