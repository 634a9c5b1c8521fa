"""Evidence that needs nothing but the fit: influence, residual correlation, Conley, power. All of it: evidence.py.

Belongs here: diagnostics of one coefficient of one model, and where exposure varies.
Does not belong here: timing of exposure (timing/) and further standard errors for few clusters (few_clusters/).
"""
