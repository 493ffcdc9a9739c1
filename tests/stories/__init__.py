"""What people do with it, from end to end: the real program, worker, socket and terminal."""
