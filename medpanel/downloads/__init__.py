"""Downloads have a line: the register beside the input files is kept, and new files are added to it.

looking.py compares register and folder (pure); recording.py does so for a workspace, writes the register and keeps
bytes; adding.py is `medpanel add`, recognising.py and comparing.py say what a file is. What the register holds:
catalog/declarations/downloads.py; what follows for figures: ingestion/build/supersession.py and dbt/.
"""
