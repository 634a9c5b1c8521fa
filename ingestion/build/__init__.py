"""From a folder of files to the lake: parallel reading, reuse, duplicates, corrections, writing.

Belongs here: what concerns many files at once. Does not belong here: reading one file (ingestion/reading.py).
"""
