"""The part `weights_grid`: see part.py. Nothing is imported here, so that listing the parts stays cheap."""
