"""The specification curve of a study: every combination of its choices fitted, and all judged together.

Belongs here: the one call that makes the published tables, their rows, and the words of those of `spec_test` in
English and Chinese. Does not belong here: fitting (engine.py) and joint inference (joint.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.identity import Identity
from catalog.labels import choice_label, option_key, option_label
from catalog.parts.specification_curve import Options as CurveOptions
from models_py.econometrics.result import EstimationError
from models_py.panel import Panel
from models_py.parts.frame import Tables
from models_py.parts.performance_index.index import performance_index
from models_py.parts.rows import as_table, note, together, typed
from models_py.parts.specification_curve.choices import CHOICES, Options, Space, choice_space
from models_py.parts.specification_curve.columns import REFUSALS, Columns, IndexBuilder
from models_py.parts.specification_curve.engine import Design, Fits, Reason, fit
from models_py.parts.specification_curve.joint import STATISTICS, Joint, joint_inference


def specification_curve(
    figures: pd.DataFrame,
    exposures: pd.DataFrame | None,
    study: Study,
    options: CurveOptions,
    panel: Panel,
    *,
    index_builder: IndexBuilder = performance_index,
) -> Tables:
    """Two-way fixed effects of one model under the declared choices: associations, not effects. Rows of the tables
    specification, specification_choice and spec_test, all columns but data_kind.

    `figures`: entity_code, year and every indicator an option needs. `exposures`: the keys of the exposure (numerator,
    denominator, municipality, direct_county, timing, denominator_year), entity_code, year, exposure (share), one row
    per combination, entity and year, the year before the window included where lag 1 is an option; None for a study
    without exposure; filtered by `study` where it carries it. An option does to the data what the
    same key in the study file does (`ModelMaker`). Specifications the data do not allow are counted with their reasons
    in `spec_test`, test not_estimable. Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4, 1208-1214.

    Raises StudyError for choices that do not fit the model (`choice_space`) and inputs that lack columns;
    EstimationError when the study's own specification cannot be estimated.
    """
    space = choice_space(study, options)
    drawn = space.draw(options.at_most, options.seed)
    columns = Columns(figures, exposures, study, panel, space, index_builder)
    designs: list[Design] = []
    numbers: list[int] = []
    reasons: dict[int, Reason] = {}
    for number, chosen in enumerate(drawn):
        try:
            designs.append(columns.design(chosen))
            numbers.append(number)
        except REFUSALS as error:
            if number == 0:
                raise
            reasons[number] = (str(error), f"无法估计（原因为英文）：{error}")
    grid = columns.grid()
    fits = fit(grid, designs)
    if 0 in fits.reasons:
        raise EstimationError(f"{study.id}, {options.table_no} {options.model}: {fits.reasons[0][0]}")
    reasons |= {numbers[place]: reason for place, reason in fits.reasons.items()}
    specification = specification_table(study, space, [drawn[number] for number in numbers], fits)
    choices = choice_table(study, space, specification)
    joint = joint_inference(grid, fits, options.draws, options.seed)
    tests = curve_tests(
        Setting(study, panel, options, space, drawn), specification, choices, dict(sorted(reasons.items())), joint
    )
    return {"specification": specification, "specification_choice": choices, "spec_test": tests}


ALPHA = 0.05


def specification_table(study: Study, space: Space, drawn: Sequence[Options], fits: Fits) -> pd.DataFrame:
    """Rows of table `specification`: those that could be estimated, numbered from 1 by size of the estimate.

    The study's own is `drawn[0]`. `estimate_sd` = estimate x sd(term) / sd(outcome), both over the rows of the
    specification. Choices with one option are NULL.
    """
    frame = pd.DataFrame(
        {
            "study": study.id,
            "preferred": np.arange(len(drawn)) == 0,
            "estimate": fits.estimate,
            "std_error": fits.std_error,
            "p_value": fits.p_value,
            "ci_low": fits.ci_low,
            "ci_high": fits.ci_high,
            "n_obs": fits.n_obs,
            "estimate_sd": fits.estimate * fits.scale,
        }
    )
    for name in CHOICES:
        frame[name] = [options[name] if name in space.varied else None for options in drawn]
    frame = frame[frame["estimate"].notna()].sort_values("estimate", kind="stable")
    frame["spec_id"] = np.arange(1, len(frame) + 1)
    return typed(frame, "specification").reset_index(drop=True).astype({"winsorise": "float64"})


def choice_table(study: Study, space: Space, specification: pd.DataFrame) -> pd.DataFrame:
    """Rows of table `specification_choice` for every choice that varies, the largest mover first.

    `variance_share` of a choice is (SSR without it - SSR) / SST from least squares of `estimate_sd` on dummies of the
    options of all choices (main effects; partial sums of squares, so that what other choices do is not counted, however
    unevenly options were drawn). With all combinations fitted it is eta squared, the variance between the option means
    over the whole variance. Shares need not sum to 1: the rest is what choices do together. Medians, ranges and shares
    are of `estimate_sd`, since outcomes can differ in scale.
    """
    shares = variance_shares(specification, space)
    rows = []
    for position, name in enumerate(sorted(shares, key=lambda name: -shares[name]), start=1):
        for option in space.options[name]:
            with_it = specification[specification[name] == option]
            estimates = with_it["estimate_sd"]
            rows.append(
                {
                    "study": study.id,
                    "choice": name,
                    "option": option_key(option),
                    "position": position,
                    "variance_share": shares[name],
                    "specifications": len(with_it),
                    "median_estimate": estimates.median(),
                    "low": estimates.min(),
                    "high": estimates.max(),
                    "share_positive": (estimates > 0).mean(),
                    "share_significant": (with_it["p_value"] < ALPHA).mean(),
                }
            )
    return as_table(rows, "specification_choice")


def variance_shares(specification: pd.DataFrame, space: Space) -> dict[str, float]:
    """Share of the variance of `estimate_sd` of each varied choice, as `choice_table` says; 0 where nothing varies."""
    y = specification["estimate_sd"].to_numpy(dtype="float64")
    y = y - y.mean()
    total = float(y @ y)
    dummies = {
        name: np.column_stack([(specification[name] == option).to_numpy(dtype="float64") for option in options[1:]])
        for name, options in space.options.items()
        if len(options) > 1
    }

    def unexplained(names: Sequence[str]) -> float:
        columns = np.column_stack([np.ones((len(y), 1)), *(dummies[name] for name in names)])
        rest = y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
        return float(rest @ rest)

    # Differences of rounding size are no movement.
    if total <= 1e-20 * len(y):
        return dict.fromkeys(dummies, 0.0)
    full = unexplained(list(dummies))
    return {
        name: max((unexplained([other for other in dummies if other != name]) - full) / total, 0.0) for name in dummies
    }


TABLE_NO = "Specification curve"
_SHOWN = 6
_LONGEST = 240
_MEANING = {
    "median_estimate": Text(en="Median of the standardised estimates", zh="标准化估计值的中位数"),
    "share_significant": Text(
        en="Share of estimates that have the curve's more frequent sign and p < 0.05",
        zh="与多数估计同号且p＜0.05的估计所占比例",
    ),
    "stouffer_z": Text(
        en="Stouffer's Z: signed z of the p-values, summed, over the square root of their number (not standard normal: "
        "the specifications share their data)",
        zh="Stouffer合并Z：各p值带符号的z之和除以个数的平方根（各规格共用数据，故不服从标准正态）",
    ),
}


@dataclass(frozen=True)
class Setting:
    """What a curve is of: the study and its panel, the options of the part, the space and what was drawn from it."""

    study: Study
    panel: Panel
    options: CurveOptions
    space: Space
    drawn: Sequence[Options]

    @property
    def identity(self) -> Identity:
        """The model under the table of the curve; its reading, unless that is one of the choices."""
        readings = self.space.options.get("utilisation", ())
        return Identity(self.study.id, TABLE_NO, self.options.model, str(readings[0]) if len(readings) == 1 else "")


def curve_tests(
    setting: Setting, table: pd.DataFrame, choices: pd.DataFrame, reasons: Mapping[int, Reason], joint: Joint
) -> pd.DataFrame:
    """Rows of table `spec_test`, from those of specification and specification_choice."""
    found = {name: (joint.observed.get(name, np.nan), _joint_note(name, joint, setting)) for name in STATISTICS}
    found["specifications"] = len(table), _specifications(setting, table)
    found["not_estimable"] = len(reasons), _not_estimable(setting, reasons)
    if len(choices):
        found["largest_choice"] = float(choices["variance_share"].iloc[0]), _largest(setting.study, choices)
    rows = [
        {
            "test": test,
            "statistic": float(statistic),
            "p_value": joint.p_value.get(test, np.nan),
            **note(said.en, said.zh),
        }
        for test, (statistic, said) in found.items()
    ]
    return as_table([{**setting.identity.columns, "subject": "", **row} for row in rows], "spec_test")


def _joint_note(name: str, joint: Joint, setting: Setting) -> Text:
    meaning, options = _MEANING[name], setting.options
    many, zh_many = setting.panel.unit.many.en, setting.panel.unit.many.zh
    said = [
        Text(en=f"{meaning.en}, over {joint.used} specifications.", zh=f"{meaning.zh}，共{joint.used}个规格。"),
        Text(
            en=f"p two-sided, (1 + as large) / (1 + {options.draws}): {options.draws} re-assignments of whole paths of "
            f"{options.term} among {many}, one for all specifications, seed {options.seed}; outcome and controls stay. "
            f"Null: paths are exchangeable between {many}.",
            zh=f"双侧p＝(1＋不小于者)/(1＋{options.draws})：{options.term}的整条路径在{zh_many}间重新分配{options.draws}次，"
            f"各规格用同一分配，种子{options.seed}；结果变量与控制变量不动。原假设：路径在{zh_many}间可交换。",
        ),
    ]
    gaps, undefined = joint.with_gaps, joint.undefined
    cells = f"{gaps} specifications left out: empty cells in the paths."
    left_out = [
        (gaps, Text(en=cells, zh=f"{gaps}个规格因路径有缺失而未纳入。")),
        (
            undefined,
            Text(en=f"{undefined} refits without variation left out.", zh=f"{undefined}次重估因无变异而未计入。"),
        ),
    ]
    return together([*said, *(text for count, text in left_out if count)])


def _specifications(setting: Setting, table: pd.DataFrame) -> Text:
    options, space, drawn = setting.options, setting.space, setting.drawn
    one, zh_one = setting.panel.unit.one.en, setting.panel.unit.one.zh
    every = space.size == len(drawn)
    different = len(table[["estimate_sd", "p_value"]].map("{:.9e}".format).drop_duplicates())
    own = table[table["preferred"]].iloc[0]
    signs, significant = float((table["estimate"] > 0).mean()), float((table["p_value"] < 0.05).mean())
    low, middle, high = (float(table["estimate_sd"].quantile(q)) for q in (0, 0.5, 1))
    names = {name: choice_label(setting.study, name) for name in space.varied}
    en = [
        f"Two-way fixed effects of {space.model.outcome} on {space.term}, {options.table_no} {options.model}, CR1 by "
        f"{one}; associations, not effects.",
        f"{len(drawn)} of {space.size} combinations of {len(space.varied)} choices "
        f"({', '.join(names[name].en for name in space.varied)}): "
        + ("all of them." if every else f"the study's own and others drawn evenly, seed {options.seed}."),
        f"{len(table)} estimated, {different} numerically different. Standardised estimates {low:.3f} to {high:.3f}, "
        f"median {middle:.3f}; {signs:.0%} positive, {significant:.0%} with p < 0.05. The study's own: "
        f"{own['estimate']:.4f} (standardised {own['estimate_sd']:.3f}), number {own['spec_id']} of {len(table)}.",
    ]
    zh = [
        f"{space.model.outcome}对{space.term}的双向固定效应估计（{options.table_no} {options.model}），"
        f"按{zh_one}聚类CR1；为关联，非因果效应。",
        f"{len(space.varied)}个设定项（{'、'.join(names[name].zh for name in space.varied)}）的{space.size}种组合中"
        + ("全部估计。" if every else f"取{len(drawn)}种：本研究设定及等概率抽取的其他组合，种子{options.seed}。"),
        f"可估计{len(table)}个，其中数值不同者{different}个。标准化估计值{low:.3f}至{high:.3f}，中位数{middle:.3f}；"
        f"{signs:.0%}为正，{significant:.0%}的p＜0.05。本研究设定{own['estimate']:.4f}（标准化{own['estimate_sd']:.3f}），"
        f"排第{own['spec_id']}位。",
    ]
    return Text(en=" ".join(en), zh="".join(zh))


def _not_estimable(setting: Setting, reasons: Mapping[int, Reason]) -> Text:
    study, space, drawn = setting.study, setting.space, setting.drawn
    if not reasons:
        return Text(en="Every specification could be estimated.", zh="所有规格均可估计。")
    groups: dict[Reason, list[int]] = {}
    for number, reason in reasons.items():
        groups.setdefault(reason, []).append(number)
    en, zh = [], []
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    for (english, chinese), numbers in ordered[:_SHOWN]:
        common = [
            (name, next(iter(options)))
            for name in space.varied
            if len(options := {drawn[number][name] for number in numbers}) == 1
        ]
        where = ", ".join(f"{choice_label(study, n).en}: {option_label(study, n, o).en}" for n, o in common)
        ort = "，".join(f"{choice_label(study, n).zh}：{option_label(study, n, o).zh}" for n, o in common)
        en.append(f"{len(numbers)}: {english[:_LONGEST]}" + (f" ({where})" if where else ""))
        zh.append(f"{len(numbers)}个：{chinese[:_LONGEST]}" + (f"（{ort}）" if ort else ""))
    more = sum(len(numbers) for _, numbers in ordered[_SHOWN:])
    en += [f"{more} for other reasons"] if more else []
    zh += [f"其他原因{more}个"] if more else []
    return Text(en=f"Left out of the curve. {'; '.join(en)}.", zh=f"未纳入曲线。{'；'.join(zh)}。")


def _largest(study: Study, choices: pd.DataFrame) -> Text:
    first = choices[choices["position"] == 1]
    name, share = str(first["choice"].iloc[0]), float(first["variance_share"].iloc[0])
    labels = {str(choice): choice_label(study, str(choice)) for choice in choices["choice"]}
    options = [
        (option_label(study, name, option_key(option)), median)
        for option, median in zip(first["option"], first["median_estimate"], strict=True)
    ]
    medians = ", ".join(f"{label.en} {median:.3f}" for label, median in options)
    medians_zh = "，".join(f"{label.zh}{median:.3f}" for label, median in options)
    second = choices[choices["position"] == 2]
    then = then_zh = ""
    if len(second):
        other, less = str(second["choice"].iloc[0]), float(second["variance_share"].iloc[0])
        then, then_zh = f" Next: {labels[other].en}, {less:.0%}.", f"其次为{labels[other].zh}，{less:.0%}。"
    return Text(
        en=f"The choice that moves the estimate most: {labels[name].en}, {share:.0%} of the variance of the "
        f"standardised estimates (least squares on all choices, main effects). Median by option: {medians}.{then}",
        zh=f"对估计值影响最大的设定项：{labels[name].zh}，解释标准化估计值方差的{share:.0%}（对全部设定项主效应作最小二乘）。"
        f"各选项中位数：{medians_zh}。{then_zh}",
    )
