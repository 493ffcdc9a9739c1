"""What is going on in a training, told from its recipe, its data and its history: rules, and the judge that asks them.

Every rule is a function of arrays, so that a run may be judged while it trains, and any other by what its store holds.
"""
