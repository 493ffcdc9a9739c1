"""Every source of rows: its options, by the kind of thing that the rows are read from."""
