"""Whether a source lets its figures be passed on: as its entry declares, else as its licence's text says.

Belongs here: reading a licence's text, and the three answers. Does not belong here: what is withheld because of them
(medpanel/publishing/withheld.py, medpanel/replication).
"""

import re
from typing import Literal

Redistribution = Literal["allowed", "barred", "not_stated"]

# A text that says so in words. "none stated" says nothing, and nothing is guessed from it.
_BARRED = re.compile(
    r"no redistribution|(not|never)\b[^;]{0,40}\bredistribut|\bbars?\b[^;]*\bredistribut"
    r"|redistribution[^;]{0,20}\b(barred|forbidden|prohibited|not)\b|all rights reserved"
    r"|(不得|禁止|不可|不允许|严禁)[^；;。]{0,12}(转载|再分发|分发|传播|转发|转让|转交|外传|再发布)|版权所有",
    re.IGNORECASE,
)
# Licences that let anyone pass the figures on; each part of a licence's text must name one.
_OPEN = re.compile(
    r"((code|data|text|geometry|figures) )?"
    r"(CC0|CC BY|CC-BY|MIT|Apache|GPL|LGPL|BSD|ODbL|ODC|PDDL|public domain|OGL|公有领域)\b.*",
    re.IGNORECASE,
)


def redistribution_of(licence: str) -> Redistribution:
    """What a licence's text says about passing figures on."""
    if _BARRED.search(licence):
        return "barred"
    parts = [part.strip() for part in re.split(r"[;；]", licence)]
    return "allowed" if all(_OPEN.fullmatch(part) for part in parts) else "not_stated"
