"""Evidence on when provinces became exposed: event study, bounds, weights, robust estimators. All of it: evidence.py.

Belongs here: everything that rests on a year of first exposure, and the weights of the two-way coefficient.
Does not belong here: evidence that needs nothing but the fit (design_evidence/).
"""
