"""Exposure to pilots, as a part: so far its map."""
