"""What figures, rows and columns must satisfy to be credible, whatever layout they come from.

Belongs here: plausibility, alignment of rows, personal data. Does not belong here: checks on tables (expectations/).
"""
