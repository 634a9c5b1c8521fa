"""Tests, in the order of the packages they test; shared fixtures are in conftest.py files."""
