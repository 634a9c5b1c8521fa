"""Commands of `medpanel` by topic, one module each; medpanel/cli.py imports them and has those that run the pipeline.

Belongs here: options and messages of a command. Does not belong here: what it does, which is in the modules it calls.
"""
