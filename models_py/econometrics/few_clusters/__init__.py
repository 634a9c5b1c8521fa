"""Inference with few clusters: jackknife, wild cluster bootstrap, randomisation. Published rows: models_py/parts.

Belongs here: inference on a model already specified. Does not belong here: CR1, which every fit carries.
"""
