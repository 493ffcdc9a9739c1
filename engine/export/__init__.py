"""Taking a run elsewhere: programs that rebuild its network in another library, its weights, its history.

A program is a template (``templates``), filled in with expressions of its library. None of the libraries is imported
here: what is written needs nothing but the recipe.
"""
