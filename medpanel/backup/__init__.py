"""Backups of a workspace: taking one beside a run that writes, and bringing one back.

Belongs here: copying, the record of what was copied, judging a backup. Does not belong here: options of the commands
(medpanel/commands/backup.py), and PostgreSQL, which brings its own `pg_dump`.
"""

from medpanel.backup.record import BackupError
from medpanel.backup.restoring import check, restore
from medpanel.backup.taking import Taken, take

__all__ = ["BackupError", "Taken", "check", "restore", "take"]
