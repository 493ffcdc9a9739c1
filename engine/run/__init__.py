"""What a run is and what happens to it, for all who train, store, send or show one.

Nothing here trains or needs data: descriptions, numbered changes, edits of the architecture, named metrics, status.
"""
