"""Inference with few clusters: jackknife, wild cluster bootstrap, randomisation. Published rows: rows.py.

Belongs here: inference on a model already specified. Does not belong here: CR1, which every fit carries.
"""
