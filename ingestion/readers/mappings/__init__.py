"""Readers of tables described by a mapping file."""
