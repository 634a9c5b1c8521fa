"""Readers of pilot lists."""
