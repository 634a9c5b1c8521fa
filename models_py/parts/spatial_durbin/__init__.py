"""The part `spatial_durbin`: see part.py. Nothing is imported here, so that listing the parts stays cheap."""
