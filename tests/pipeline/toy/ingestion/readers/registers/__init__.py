"""Readers of registers of kites, invented for the test."""
