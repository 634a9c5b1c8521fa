"""Documents and dbt files that repeat what the catalog, the readers and the parts say: `medpanel generate`.

Belongs here: the guide to input files, docs/input-files.md, out of examples and readers (rendering.py); the page of
parts (parts.py); the files of the dbt project (generate.py). The examples: medpanel/guide/examples.
"""
