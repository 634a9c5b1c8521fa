"""The part `goodness_of_fit`: see part.py. Nothing is imported here, so that listing the parts stays cheap."""
