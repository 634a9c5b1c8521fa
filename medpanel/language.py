"""The language of whoever sits at the screen: Chinese or English.

Belongs here: finding it out. Does not belong here: any text, and what is printed in both languages in any case.
"""

import locale
import os
from typing import Literal

Language = Literal["en", "zh"]
VARIABLE = "MEDPANEL_LANGUAGE"
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


def reader_language() -> Language:
    """What MEDPANEL_LANGUAGE says, else the locale of the environment, else that of the system; English otherwise."""
    named = [os.environ.get(name, "") for name in (VARIABLE, *_LOCALE)]
    told = next((text for text in named if text), "") or (locale.getlocale()[0] or "")
    return "zh" if told.lower().startswith(("zh", "chinese")) else "en"
