"""Flows between places, from rows or cells of any file to the lake tables flow, flow_list and flow_scale.

Belongs here: what all layouts of flows share: periods, names, fates of rows, sums, checks against the paired file.
Does not belong here: what a layout looks like (ingestion/readers/flow_*.py) and the mart (dbt).
"""
