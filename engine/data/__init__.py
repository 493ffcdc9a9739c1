"""Data: where rows come from, how they are split, scaled and handed out in batches."""
