"""The specification curve of a study, as a part: so far its figure."""
