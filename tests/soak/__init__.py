"""The program shaken for an hour, or in short: it must not break, stand still, or take ever more memory."""
