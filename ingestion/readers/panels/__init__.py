"""Readers of compiled panels, long and wide."""
