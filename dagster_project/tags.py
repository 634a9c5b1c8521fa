"""Tags of runs, and what they tell of one: who or what started it, and which attempt it is.

Belongs here: what the service and reports go by. Options of a run are tags as well (writing.py).
"""

from collections.abc import Mapping

# What made a run start (medpanel/notices/outcome.py), where neither a person in the UI nor the schedule did.
TRIGGER = "medpanel/trigger"
# Which attempt a run is, and the digest of the input files it is about.
ATTEMPT, INPUTS = "medpanel/attempt", "medpanel/inputs"
# Run by the process of a command line, which reports how it ended.
FROM_COMMAND_LINE = {"medpanel/started_by": "command line"}
_SCHEDULE = "dagster/schedule_name"


def trigger_of(tags: Mapping[str, str]) -> str:
    """What made a run start: a name of medpanel/notices/outcome.py."""
    if TRIGGER in tags:
        return tags[TRIGGER]
    if _SCHEDULE in tags:
        return "schedule"
    return "command_line" if FROM_COMMAND_LINE.items() <= tags.items() else "ui"
