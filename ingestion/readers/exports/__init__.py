"""Readers of exports of the statistics bureau, all generations."""
