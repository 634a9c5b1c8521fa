"""Tables of flows: edge lists, matrices, arrays in cells, large files, the check against the other direction."""
