"""Pictures of results: DataFrames in, matplotlib figures out, every text in Chinese and English.

Belongs here: pure functions that draw. Does not belong here: computing results, and writing files (medpanel/report).
"""
