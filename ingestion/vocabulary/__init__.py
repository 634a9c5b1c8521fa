"""What cells say: names of regions, numbers, years, units, headers, keywords.

Belongs here: recognising a word or figure wherever it stands. Does not belong here: places and their history (places/).
"""
