"""Files for office programs: workbooks without a date of writing, cells that are not run as formulas.

Does not belong here: tables and their texts.
"""
