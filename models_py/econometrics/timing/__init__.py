"""Estimators for exposure that begins at different times, and bounds on departures from parallel trends.

Belongs here: estimation from frames and arrays. Does not belong here: who is compared and the rows published
(models_py/parts/treatment_timing).
"""
