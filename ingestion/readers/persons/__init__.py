"""Readers of records of persons: survey respondents, doctors. None of them leaves the lake."""
