"""F-M5: what the sign on utilisation means, and how the index moves with it.

Belongs here: the two readings of utilisation against each other. Does not belong here: which reading a study uses.
"""

from __future__ import annotations

from catalog.base import Text
from models_py.parts.mspi_findings.common import EXPOSURE, INDEX
from models_py.parts.mspi_findings.inputs import NO_EXPOSURE, FindingInputs, Observation, decimal

UTILISATION = "ssi"


def sign_of_utilisation(inputs: FindingInputs) -> Observation:
    """F-M5. The paper defines SSI as a move away from hospital use (higher is better), prints a negative exposure
    coefficient on it, calls that an improvement, and lets SSI enter the index positively (domain section 2.3).

    Holds when these data show the same: the exposure's coefficient on SSI is below zero under `volume` (less use, the
    improvement the paper speaks of), so that the index counts it as a loss under `volume`, and SSI rises under
    `substitution`, against the printed sign. Does not hold when it is zero or above. By sign, whatever its p-value,
    which is printed. Not testable without an exposure.
    """
    if not inputs.exposed:
        return NO_EXPOSURE
    english, chinese, on_utilisation = [], [], {}
    for reading in ("volume", "substitution"):
        on_utilisation[reading] = inputs.fits.coefficients(reading, UTILISATION)[EXPOSURE]
        p_value = inputs.fits.p_value(reading, UTILISATION, EXPOSURE)
        on_index = decimal(inputs.fits.coefficients(reading, INDEX)[EXPOSURE])
        numbers = f"{decimal(on_utilisation[reading])} (p = {decimal(p_value, 3)})"
        english.append(f"{reading}: {numbers} on SSI, {on_index} on the index.")
        chinese.append(f"{inputs.reading_zh(reading)}：对SSI {numbers}，对总指数{on_index}。")
    share = inputs.sizes[UTILISATION] / inputs.count
    moved = decimal(share * (on_utilisation["substitution"] - on_utilisation["volume"]))
    less = on_utilisation["volume"] < 0
    english.append(f"Going from volume to substitution moves the index's coefficient by {moved}.")
    english.append(
        "Exposure goes with less hospital use: a loss under the volume reading, a gain under substitution."
        if less
        else "Exposure does not go with less hospital use here, so there is no such improvement to book."
    )
    chinese.append(f"由利用量口径改为替代口径，总指数系数变动{moved}。")
    chinese.append(
        "暴露度与利用减少相关：利用量口径记为损失，替代口径记为改善。" if less else "本数据中暴露度并不与利用减少相关。"
    )
    return Observation(Text(en=" ".join(english), zh="".join(chinese)), less)
