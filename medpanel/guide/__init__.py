"""Documents and dbt files that repeat what the catalog, the readers and the parts say: `medpanel generate`.

Belongs here: the generated pages of docs/en and docs/zh, one module each: the guide to input files (rendering.py),
parts, tables and indicators, keys, commands, Python functions, the glossary; what they share (pages.py); and the files
of the dbt project (generate.py). Examples of layouts: medpanel/guide/examples.
Does not belong here: pages written by hand, and making a site of them (docs/build.py).
"""
