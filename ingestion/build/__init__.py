"""From a folder of files to the lake: reading them side by side, re-use, duplicates, corrections, writing.

Belongs here: what concerns many files at once. Does not belong here: reading one file (ingestion/reading.py).
"""
