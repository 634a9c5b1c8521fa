"""Readers of map files, spatial weights and distances."""
