"""The parts studies are made of: one folder per part, found by being here.

Belongs here: parts, each with a part.py that says what it needs, makes, computes and shows; what all of them share
(frame.py, rows.py) and finding them (registry.py). Does not belong here: estimators (models_py/*), a
part's options (catalog/parts/).
"""
