"""Every file of the real data: what is expected of it, typed by hand, a module for each family of files.

Each module files_*.py holds EXPECTED: path -> Expected. test_every_file.py reads all files as catalog/inputs/real.yaml
declares them and compares; it also asserts that no file is left without an expectation.
"""
