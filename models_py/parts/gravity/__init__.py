"""The part `gravity`: see part.py. Nothing is imported here, so that listing the parts stays cheap."""
