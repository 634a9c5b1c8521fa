"""Folders of files beside a study's tables. Kept apart, so that naming them imports nothing that publishes them."""

# Name of the folder in a study's results, and where it stands below report/<study>/ in a publication.
FOLDERS = {"report": ".", "replication": "replication"}
