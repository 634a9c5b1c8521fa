"""Who may read what is written into a workspace: nobody but the user whose process writes it.

Belongs here: the permissions new files get. Records of persons are closed by the readers themselves as well
(ingestion/build/private.py); publications are sealed against writing (medpanel/publishing/folders.py). Whoever is to
read a publication is let in by the workspace's owner, by the permissions of its folder. Windows has no such mask: there
the folder the workspace lies in decides.
"""

import os

OWNER_ONLY = 0o077
# Commands that write no workspace: what they write, such as a template, gets the permissions the user's files have.
ELSEWHERE = frozenset({"generate", "manifest", "migrate", "query", "template", "units", "version"})


def own_files() -> None:
    """Close every file this process and those it starts make from now on to other users."""
    os.umask(OWNER_ONLY)
