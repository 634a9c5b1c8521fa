"""Bytes to cells: workbooks, CSV, HTML, Stata, SPSS, R, each into a grid of texts, within bounds.

Belongs here: what a container may contain and how much it may cost. Does not belong here: what cells mean (readers/).
"""
