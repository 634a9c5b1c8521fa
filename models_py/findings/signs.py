"""F-M5: what the sign on utilisation means, and how the index moves with it.

Belongs here: the two readings of utilisation against each other. Does not belong here: which reading a study uses.
"""

from __future__ import annotations

from catalog.base import Text
from models_py.findings.common import EXPOSURE, INDEX
from models_py.findings.inputs import NO_EXPOSURE, Finding, FindingInputs, both, decimal, verdict

UTILISATION = "ssi"
_ROW = "smart_city_exposure"


def sign_of_utilisation(inputs: FindingInputs) -> Finding:
    """F-M5. The paper defines SSI as a move away from hospital use (higher is better), prints a negative exposure
    coefficient on it, calls that an improvement, and lets SSI enter the index positively (domain section 2.3).

    Holds when these data show the same: the exposure's coefficient on SSI is below zero under `volume` (less use, the
    improvement the paper speaks of), so that the index counts it as a loss under `volume`, and SSI rises under
    `substitution`, against the printed sign. Does not hold when it is zero or above. By sign, whatever its p-value,
    which is printed. Not testable without an exposure or without utilisation indicators.
    """
    title = Text(
        en="Sign of the exposure coefficient on utilisation (SSI), and what it does to the index",
        zh="暴露度对服务利用（SSI）系数的符号及其对总指数的影响",
    )
    published = implied = None
    on_ssi, on_index = inputs.printed.get("Table 3", "SSI", _ROW), inputs.printed.get("Table 4", "(1)", "SSI")
    if on_ssi is not None and on_index is not None:
        published = both(
            f"exposure on SSI {on_ssi}; SSI on MSPI {on_index}", f"暴露度对SSI {on_ssi}；SSI对MSPI {on_index}"
        )
        implied = both(
            "if SSI is a move away from hospitals its coefficient is a deterioration; if it is hospital use, "
            "the index counts less use as worse",
            "若SSI表示减少住院依赖，则该系数意味恶化；若SSI表示利用量，则总指数把利用减少记为变差",
        )
    if inputs.study.exposure is None:
        return inputs.finding("F-M5", title, published, implied, NO_EXPOSURE, verdict(None))
    if UTILISATION not in inputs.sizes:
        text = Text(en="The study's index has no utilisation dimension.", zh="本研究指数不含服务利用维度。")
        return inputs.finding("F-M5", title, published, implied, text, verdict(None))

    english, chinese = [], []
    coefficients = {}
    for reading in ("volume", "substitution"):
        row = inputs.fits.fit(reading, UTILISATION).estimates.set_index("term").loc[EXPOSURE]
        coefficients[reading] = float(row["estimate"])
        index = inputs.fits.coefficients(reading, INDEX)[EXPOSURE]
        numbers = f"{decimal(coefficients[reading])} (p = {decimal(float(row['p_value']), 3)})"
        english.append(f"{reading}: {numbers} on SSI, {decimal(index)} on the index.")
        chinese.append(f"{inputs.reading_zh(reading)}：对SSI {numbers}，对总指数{decimal(index)}。")
    share = inputs.sizes[UTILISATION] / inputs.count
    moved = decimal(-2 * share * coefficients["volume"])
    english.append(f"Turning the reading round moves the index's coefficient by {moved}.")
    chinese.append(f"改变口径使总指数系数变动{moved}。")
    less = coefficients["volume"] < 0
    english.append(
        "Exposure goes with less hospital use, which `volume` books as a loss and `substitution` as a gain."
        if less
        else "Exposure does not go with less hospital use here, so there is no such improvement to book."
    )
    chinese.append(
        "暴露度与利用减少相关：数量口径记为损失，替代口径记为改善。" if less else "本数据中暴露度并不与利用减少相关。"
    )
    observed = Text(en=" ".join(english), zh="".join(chinese))
    return inputs.finding("F-M5", title, published, implied, observed, verdict(less))
