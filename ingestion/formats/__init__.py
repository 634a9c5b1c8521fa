"""Bytes to cells: workbooks, CSV, HTML, Stata, SPSS, R, each into a grid of texts, within bounds.

Belongs here: what a container may hold and what it may cost. Does not belong here: what the cells mean (readers/).
"""
