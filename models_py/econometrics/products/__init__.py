"""Products of coefficients with intervals from resampled provinces. The table: table.py.

Belongs here: that table and its bootstrap. Does not belong here: calling any of it a mechanism.
"""
