"""Readers of lists and histories of administrative divisions, and of tables of dialects."""
