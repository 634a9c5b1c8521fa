"""Names and sentences of densities, made from published rows."""

import pandas as pd

from catalog.base import Text
from models_py.figures.table import number

NAMES = {
    "nation": Text(en="Nation", zh="全国"),
    "east": Text(en="East", zh="东部"),
    "central": Text(en="Central", zh="中部"),
    "west": Text(en="West", zh="西部"),
}
_KERNEL = {
    "gaussian": Text(en="Gaussian kernel", zh="高斯核"),
    "epanechnikov": Text(en="Epanechnikov kernel", zh="Epanechnikov核"),
}
_BOUNDARY = {
    "reflect": Text(en="what the kernel puts outside 0 to 1 is reflected into it", zh="超出0—1的部分反射回区间内"),
    "none": Text(
        en="what the kernel puts outside 0 to 1 is left out, so areas fall short of 1",
        zh="超出0—1的部分不计，面积小于1",
    ),
}


def settings_note(summary: pd.DataFrame) -> Text:
    """Kernel, bandwidth, boundary, areas."""
    row, area = summary.iloc[0], summary["area"].dropna()
    ends = "–".join(dict.fromkeys(number(float(one)) for one in (area.min(), area.max())))
    kernel, boundary = _KERNEL[row["kernel"]], _BOUNDARY[row["boundary"]]
    return Text(
        en=f"{kernel.en}, bandwidth 0.9 min(sd, IQR/1.34) n^(−1/5) of each year; {boundary.en}. Areas {ends}. Each "
        "panel has a scale of its own: read heights from the numbers.",
        zh=f"{kernel.zh}，带宽逐年取0.9·min(标准差，四分位距/1.34)·n^(−1/5)；{boundary.zh}。面积{ends}。各分图纵轴不同，高度以数字为准。",
    )


def small_note(summary: pd.DataFrame) -> Text:
    """How few places the smallest density rests on."""
    low = summary.sort_values("n", kind="stable").iloc[0]
    name, n = NAMES[str(low["region"])], int(low["n"])
    return Text(
        en=f"{name.en} has {n} places: its shape hangs on single ones, and a peak may be one or two of them.",
        zh=f"{name.zh}仅{n}个地区，曲线形状取决于个别地区，一个峰可能只是一两个地区。",
    )
