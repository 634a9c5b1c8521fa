"""What runs need: the workspace, its lock and record, the working database, the dbt project.

Belongs here: files and processes of a run. Does not belong here: what is computed or published.
"""
