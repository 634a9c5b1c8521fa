"""Pictures and tables of results: DataFrames in, figures and tables ready to be printed out, in Chinese and English.

Belongs here: pure functions that draw, and what tables share. Does not belong here: computing results, and writing
files (medpanel/report).
"""
