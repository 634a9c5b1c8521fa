"""What sources.yaml may say about a file: the entry, and one module for each kind of file it describes.

Belongs here: pydantic models, which keys make sense together. Does not belong here: reading files (ingestion/readers).
"""
