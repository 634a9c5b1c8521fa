"""Survey microdata: from a statistical file's records to checked respondents.

Belongs here: reading the declared variables in pieces, finding the places, checking each respondent. The layout that
adds them up and withholds small cells: ingestion/readers/persons/cmds_survey.py; what places there are:
ingestion/places.
"""
