"""What office programs make of our files: spreadsheets without dates of writing, cells that are no formulas.

Belongs here: both. Does not belong here: tables and their texts.
"""
