"""Documents and dbt files that repeat what the catalog, the readers and the parts say: `medpanel generate`.

Belongs here: pages of docs/en and docs/zh that are generated, one module each, out of what pages.py has for all of them:
the guide to input files (rendering.py), parts, tables and indicators, keys, commands, Python functions, the glossary;
and the files of the dbt project (generate.py). The examples: medpanel/guide/examples. Does not belong here: pages written
by hand, and making a site of them (docs/build.py).
"""
