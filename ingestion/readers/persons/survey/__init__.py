"""Survey microdata: from a statistical file's records to edges between places.

Belongs here: reading the declared variables in pieces, finding the places, checking each respondent, adding up,
withholding small cells. The layout that ties it together: ingestion/readers/persons/cmds_survey.py; what places there
are: ingestion/places.
"""
