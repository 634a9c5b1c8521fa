"""The README of a bundle, in Chinese and English.

Belongs here: its text. Does not belong here: the other files (bundle.py names them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalog.base import Text
from catalog.identity import Identity
from catalog.labels import label_of
from catalog.studies import Study
from medpanel.replication.names import markdown
from medpanel.replication.samples import IN_SAMPLE, YEAR, SampleFrame, ScriptModel
from medpanel.replication.script_text import words

Notes = Mapping[Identity, Sequence[Text]]

_TEXT = """\
# {title}

{kind_zh}

{kind_en}

## 内容 Contents

| 文件 File | 说明 | Content |
| --- | --- | --- |
{files}

## 如何运行 How to run

在本文件夹中运行任一脚本；每个脚本重新估计全部模型、打印结果，并与 `{expected}` 逐一比较，不一致即报错。
Run any one script in this folder. Each fits every model again, prints it and compares it with `{expected}`;
a difference stops it.

- Stata 16+: `do {do}` (reghdfe 6; `ssc install require`, `ssc install ftools`, `ssc install reghdfe`)
- R: `Rscript {r}` (fixest, haven; argument names of fixest before and since 0.13 are both handled)
- Python: `python {python}` (pyfixest {pyfixest})

比较以 `scale` 为单位：Stata、R 容许 1e-6，Python 容许 1e-8。`scale` 为标准误；若标准误小于 sd(因变量)/sd(自变量)
的千分之一（如恒等式），则取后者。
Differences are measured in units of `scale`, 1e-6 of it for Stata and R, 1e-8 for Python. `scale` is the standard
error, or a thousandth of sd(outcome)/sd(regressor) where that is larger (as in an identity, whose errors are rounding).

## 约定 Conventions

- {unit_zh}与年份双向固定效应，最小二乘；系数为关联，非因果效应。
  Two-way fixed effects of {unit} and year by least squares; coefficients are associations, not effects.
- 标准误按{unit_zh}聚类（CR1），小样本系数 G/(G-1) × (N-1)/(N-K)，K = 自变量 + 趋势项 + 时期；
  嵌套于聚类的{unit_zh}效应不计入 K。
  Standard errors clustered by {unit} (CR1), factor G/(G-1) x (N-1)/(N-K), K = regressors + trends + periods;
  {unit} effects are nested in the clusters and not counted.
- reghdfe、`xtreg, fe`（含年份虚拟变量）、fixest 与 pyfixest 的计数与此相同；`areg` 把{unit_zh}也计入 K，标准误较大，
  do 文件中列出倍数。
  reghdfe, `xtreg, fe` with year dummies, fixest and pyfixest count alike. `areg` counts the {units} too and prints
  larger errors; the do-file gives the ratio.
- 只有一行的{unit_zh}或时期予以保留（reghdfe 用 keepsingletons）。
  A {unit} or period with one row is kept (keepsingletons in reghdfe).
- 聚类数少时 CR1 偏小；刀切、野自助与随机化推断见结果表 `estimate`，不在脚本中重现，do 文件附有可选的 boottest 行。
  With few clusters CR1 is too small. Jackknife, wild bootstrap and randomisation stand in table `estimate`; the
  scripts do not repeat them, the do-file has optional boottest lines.
- 缩尾、滞后、重新加权、剔除{unit_zh}等均已体现在样本文件的列与行中，脚本只做回归。
  Winsorised, lagged and re-weighted variables and {units} left out are already in the rows and columns of the
  samples; the scripts run the regressions only.
- `{in_sample}` = 1 为参与估计的行，0 为因缺失而剔除的行。.dta 文件的时间戳固定为 1960-01-01，不代表生成时间。
  `{in_sample}` is 1 for rows used and 0 for rows dropped because a cell is empty. The time stamp of the .dta files is
  fixed at 1960-01-01 and means nothing.
- 样本由所列来源的数据整理而成；转交他人前请查看各来源的许可（见引用文件）。
  The samples are made from the sources in the citation files; look at their licences before passing them on.

## 模型 Models

| 键 Key | 表 Table | 列 Model | 因变量 Outcome | 效应 Effects | 样本 Sample | N | 剔除 Dropped | 说明 Notes |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
{models}

## 变量 Variables

| 文件中的名称 Name in the files | 研究中的名称 Name in the study | 含义 | Meaning | 样本 Samples |
| --- | --- | --- | --- | --- |
{variables}
"""


def readme(
    study: Study,
    kind: Text,
    files: Mapping[str, Text],
    names: Mapping[str, str],
    samples: list[SampleFrame],
    models: list[ScriptModel],
    labels: Mapping[str, Text],
    notes: Notes,
    pyfixest: str,
) -> str:
    """The README: files, how to run, conventions, the models and the variables.

    `names`: the files by role (do, r, python, expected); `labels`: by name in the files; `notes`: what a model does
    to its data, by its identity.
    """
    return _TEXT.format(
        title=f"{markdown(study.title.zh)} / {markdown(study.title.en)}",
        kind_zh=kind.zh,
        kind_en=kind.en,
        files=_table([f"`{name}`", text.zh, text.en] for name, text in files.items()),
        models=_table(_model(model, notes, samples) for model in models),
        variables=_table(_variables(samples, labels)),
        in_sample=IN_SAMPLE,
        pyfixest=pyfixest,
        **words(models),
        **names,
    )


def _model(model: ScriptModel, notes: Notes, samples: list[SampleFrame]) -> list[str]:
    data = model.data
    effects = f"{markdown(model.code)}, {markdown(model.time)}" + (
        f", {len(model.trends)} trends" if model.trends else ""
    )
    remarks = notes.get(data.identity, ())
    said = " ".join([remark.zh for remark in remarks] + [remark.en for remark in remarks])
    dropped = len(samples[model.sample - 1].frame) - model.n_obs
    cells = [model.key, data.identity.table_no, label_of(data.identity.columns).en, data.outcome]
    return [*map(markdown, cells), effects, str(model.sample), str(model.n_obs), str(dropped), markdown(said)]


def _variables(samples: list[SampleFrame], labels: Mapping[str, Text]) -> list[list[str]]:
    held: dict[str, list[int]] = {}
    sources: dict[str, str] = {}
    for sample in samples:
        sources |= sample.sources
        for name in sample.frame.columns:
            held.setdefault(name, []).append(sample.number)
    rows = []
    for name, numbers in held.items():
        source = sources.get(name, name if name in (samples[0].code, YEAR) else "")
        where = "all" if len(numbers) == len(samples) else ", ".join(map(str, numbers))
        rows.append([f"`{name}`", markdown(source), markdown(labels[name].zh), markdown(labels[name].en), where])
    return rows


def _table(rows: object) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)  # type: ignore[attr-defined]
