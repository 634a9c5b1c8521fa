"""The part `specification_curve`: see part.py. Nothing is imported here, so that listing the parts stays cheap."""
