"""The arithmetic of learning, in NumPy alone.

``textbook`` is forward and backward as a book prints them; ``plan`` is the same arithmetic compiled once into a list of
array operations and replayed. The tests hold the two together.
"""
