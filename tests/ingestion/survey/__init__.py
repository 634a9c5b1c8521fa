"""Survey microdata: reading, checking, adding up, keeping private."""
