"""Readers of texts: government work reports."""
