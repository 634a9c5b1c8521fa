"""Excel templates people fill in and the readers take back: pilots, city figures, keyword counts, yearbook mappings.

Belongs here: what each template asks for and its look. Reading them back: ingestion/readers.
"""
