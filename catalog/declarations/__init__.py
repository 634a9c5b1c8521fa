"""What sources.yaml may say of a file: the entry, and one module for each kind of file it describes.

Belongs here: pydantic models and what makes sense together. Does not belong here: reading files (ingestion/readers).
"""
