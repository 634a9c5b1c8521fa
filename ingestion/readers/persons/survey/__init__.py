"""Survey microdata: from a statistical file's records to edges between places.

Belongs here: reading the declared variables in pieces, finding the places, checking each respondent, adding up,
withholding small cells. Does not belong here: the layout that ties it together (cmds_survey.py), and
what places there are (ingestion/places).
"""
