"""The part `coupling`: see part.py. Nothing is imported here, so that listing the parts stays cheap."""
