"""Flows between places, from rows or cells of any file to the lake tables flow, flow_list and flow_scale.

The layouts are flow_edges.py and flow_lists.py; each fills the table `raw`, from which all go one way to the lake:
fates of rows, the check against the file beside, the account, the sums. The mart is dbt's.
"""
