"""The room of what crosses processes: a worker that trains, and the client that watches and steers it."""
