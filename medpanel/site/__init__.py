"""The report site of a publication, but for the pages of studies: written from the finished database and the catalog.

Belongs here: which pages there are, what they say, their templates. Does not belong here: the frame around every page
and its assets (medpanel/report/shell.py), the page of a study (medpanel/report), making the database
(medpanel/publishing).
Nothing here is computed: every number is a row of the published database, without figures whose licence bars passing
them on.
"""
