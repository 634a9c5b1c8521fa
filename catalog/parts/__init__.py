"""The options of every part a study may have, one module each, found by being here.

Belongs here: what may be declared, and which options go together. Does not belong here: computing (models_py/parts).
"""
