"""Data: where rows come from, how they are split, scaled and handed to a trainer.

What a source takes as options is declared in ``engine.spec.data``; how it is read is here.
"""
