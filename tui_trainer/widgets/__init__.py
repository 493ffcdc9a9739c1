"""The panes, the cell grid they are drawn on, and the writer that sends only changed cells to the terminal."""
