"""Readers of yearbook tables, printed or scanned."""
