"""The options of every part a study may have, one module each, registered by being here.

Belongs here: what may be declared and what makes sense together. Does not belong here: computing (models_py/parts).
"""
