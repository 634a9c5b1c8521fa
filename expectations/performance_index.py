"""What must hold for `performance_index`: a complete panel of indices that satisfy their own definition.

Belongs here: the checks of that table and the columns they need; weights, years, readings and variants are the study's.
Does not belong here: computing the index (models_py/parts/performance_index) and how checks are run (suite.py).
"""

from catalog.identity import variant_choices
from catalog.panels import load_units
from catalog.parts import performance_index
from catalog.parts.performance_index import POOLED
from catalog.provinces import load_provinces
from catalog.studies import Study
from expectations import Frame, Series
from expectations.builders import between, in_set, not_null
from expectations.suite import Check, checks_of, key_unique, of_study, province_codes_known, years_of_study

TABLE = "performance_index"
SCORES = ("mspi", "ssi", "qii", "hmi")
# The identity and the mirror hold exactly in real numbers; 1e-12 is the rounding of a dozen additions near 1.
_EXACT = 1e-12
_MEAN = 1e-9
# A mean of z-scores six deviations out is a slipped unit, not an entity.
_BOUND = 6
_CELL = ["entity_code", "year"]
_check = checks_of(TABLE)


def weights(study: Study) -> dict[str, float]:
    """Weight of each dimension in the index of equal weights: its share of the indicators. Sums to 1.

    Raises ValueError for a study without an index.
    """
    sizes = {name: len(members) for name, members in study.options(performance_index.Options).dimensions.items()}
    return {name: size / sum(sizes.values()) for name, size in sizes.items()}


def versions(study: Study) -> list[str]:
    """The versions of the index: every reading under the study's own choice, then under every variant.

    Raises ValueError for a study without an index.
    """
    index = study.options(performance_index.Options)
    return [_version(reading, variant) for variant in ("", *index.variants) for reading in index.readings]


def prepare(df: Frame, study: Study) -> Frame:
    """`df`, the table's rows of one study, with the columns the checks read. Pure; rows and columns are kept.

    Adds version (reading and variant), version_rows_gap (rows of the row's version less rows of the study's own),
    cells_lacking (entity x study year cells the version does not fill, among the catalogued provinces, or, of another
    unit, the entities of the table), unit_gap (1 where province_code is not as the study's unit has it, else 0),
    identity_gap (mspi less the weighted mean of its dimensions), pooled_mean (mean mspi of the version over the years
    that standardise it) and mirror_gap (ssi of `volume` plus ssi of `substitution` of the same cell and variant; NULL
    where one is absent), in standard deviations. The identity and the mirror are those of equal weights: NULL in
    variants of other ones.
    Raises ValueError for a study without an index and KeyError for an absent column.
    """
    import pandas as pd

    index = study.options(performance_index.Options)
    version = pd.Series(
        [_version(*pair) for pair in zip(df["reading"], df["variant"], strict=True)], df.index, "object"
    )
    composed = sum(weight * df[name] for name, weight in weights(study).items())
    weighted = df["variant"].map(lambda variant: "weighting" in variant_choices(variant)).astype(bool)
    provinces = study.panel.unit == "province"
    return df.assign(
        version=version,
        version_rows_gap=version.map(version.value_counts()) - int((version == versions(study)[0]).sum()),
        cells_lacking=version.map(_lacking(df, version, study)),
        unit_gap=(df["province_code"] != df["entity_code"] if provinces else df["province_code"].notna()).astype(int),
        identity_gap=(df["mspi"] - composed).mask(weighted),
        pooled_mean=version.map(_means(df, version, index)),
        mirror_gap=(_ssi(df, "volume") + _ssi(df, "substitution")).mask(weighted),
    )


def _version(reading: str, variant: str) -> str:
    return f"{reading}, {variant}" if variant else reading


def _lacking(df: Frame, version: Series, study: Study) -> dict[str, float]:
    """Cells of the panel each version does not fill."""
    codes, years = _codes(study) or sorted(set(df["entity_code"])), list(_years(study))
    inside = df["entity_code"].isin(codes) & df["year"].isin(years)
    filled = {name: len(rows.drop_duplicates(_CELL)) for name, rows in df[inside].groupby(version[inside])}
    return {name: float(len(codes) * len(years) - filled.get(name, 0)) for name in version.unique()}


def _means(df: Frame, version: Series, index: performance_index.Options) -> dict[str, float]:
    """Mean mspi of each version over the years whose mean it is standardised with."""
    means = {}
    for name, rows in df.groupby(version):
        pooled = index.baseline_years is None or rows["variant"].iloc[0] == POOLED
        inside = rows if pooled else rows[rows["year"].between(*(index.baseline_years or ()))]
        means[str(name)] = float(inside["mspi"].mean())
    return means


def _ssi(df: Frame, reading: str) -> Series:
    """SSI of `reading` for the entity, year and variant of every row."""
    import pandas as pd

    place = [*_CELL, "variant"]
    # A duplicated key is another check's finding; here its first row stands for the cell.
    values = df[df["reading"] == reading].drop_duplicates(place).set_index(place)["ssi"].astype(float)
    return pd.Series(values.reindex(pd.MultiIndex.from_frame(df[place])).to_numpy(), index=df.index)


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id.

    Raises ValueError for a study without an index.
    """
    return of_study(
        study,
        [
            *_key_checks(study),
            *_panel_checks(study),
            *_definition_checks(study),
            *[check for score in SCORES for check in _score_checks(score)],
        ],
    )


def _key_checks(study: Study) -> list[Check]:
    codes, unit = _codes(study), load_units()[study.panel.unit]
    return [
        key_unique(
            TABLE,
            "A study, entity, year, reading and variant have only one row",
            "同一研究、地区、年份、口径与设定仅一行",
        ),
        _check(
            "entity_level_of_study",
            "critical",
            f"Every entity is of the study's unit: {unit.one.en}",
            f"地区均为研究所用单位：{unit.one.zh}",
            in_set("entity_level", [unit.id]),
        ),
        _check(
            "province_code_of_unit",
            "critical",
            "province_code is entity_code" if codes else "province_code is NULL: the entities are not provinces",
            "province_code与entity_code相同" if codes else "province_code为空：所用单位不是省份",
            between("unit_gap", None, 0),
        ),
        *([province_codes_known(TABLE, "entity_code")] if codes else []),
        years_of_study(TABLE, study),
    ]


def _panel_checks(study: Study) -> list[Check]:
    names, codes, unit = versions(study), _codes(study), load_units()[study.panel.unit]
    first, until = study.panel.years[0], study.panel.last_in_words
    cells, cells_zh = f"every {unit.one.en} and year", f"全部{unit.one.zh}"
    if codes and not study.panel.open:
        count = len(codes) * len(_years(study))
        cells, cells_zh = (
            f"all {count} cells: {len(codes)} {unit.many.en}",
            f"全部{count}个单元：{len(codes)}个{unit.one.zh}",
        )
    return [
        _check(
            "readings_present",
            "critical",
            f"The readings and variants are exactly: {'; '.join(names)}",
            f"口径与设定恰为：{'；'.join(names)}",
            lambda gxe: gxe.ExpectColumnDistinctValuesToEqualSet(column="version", value_set=names),
        ),
        _check(
            "readings_equal_rows",
            "critical",
            "Every reading and variant has the same number of rows",
            "各口径与设定行数相同",
            between("version_rows_gap", 0, 0),
        ),
        _check(
            "panel_complete",
            "critical",
            f"Every reading and variant fills {cells}, {first} to {until.en}",
            f"各口径与设定均含{cells_zh}，{first}至{until.zh}年",
            between("cells_lacking", None, 0),
        ),
    ]


def _definition_checks(study: Study) -> list[Check]:
    sizes = {name: len(members) for name, members in study.options(performance_index.Options).dimensions.items()}
    formula = f"({' + '.join(f'{size} {name}' for name, size in sizes.items())}) / {sum(sizes.values())}"
    return [
        _check(
            "identity",
            "critical",
            f"mspi = {formula} in every row of equal weights, within {_EXACT:g}",
            f"等权各行满足 mspi = {formula}，误差不超过{_EXACT:g}",
            between("identity_gap", -_EXACT, _EXACT),
        ),
        _check(
            "pooled_mean_zero",
            "critical",
            "The mean of mspi over all entities and the standardising years is 0 in every reading and variant, within "
            f"{_MEAN:g}",
            f"各口径与设定的mspi在标准化年份内的总体均值为0，误差不超过{_MEAN:g}",
            between("pooled_mean", -_MEAN, _MEAN),
        ),
        _check(
            "ssi_mirrored",
            "critical",
            f"With equal weights ssi under substitution is the negative of ssi under volume, within {_EXACT:g}",
            f"等权时替代口径的ssi为数量口径ssi的相反数，误差不超过{_EXACT:g}",
            between("mirror_gap", -_EXACT, _EXACT),
        ),
    ]


def _score_checks(score: str) -> list[Check]:
    return [
        _check(
            "complete",
            "critical",
            f"{score} is present in every row",
            f"{score}无缺失",
            not_null(score),
            of=score,
        ),
        _check(
            "bounded",
            # One dimension rests on two or three series, so a single odd province can reach the bound.
            "critical" if score == "mspi" else "warning",
            f"{score} lies within {_BOUND} standard deviations of 0",
            f"{score}的绝对值小于{_BOUND}",
            between(score, -_BOUND, _BOUND, above=True, below=True),
            of=score,
        ),
    ]


def _codes(study: Study) -> list[int]:
    """Codes of the provinces where the study is of provinces; of another unit none is catalogued."""
    return [p.province_code for p in load_provinces()] if study.panel.unit == "province" else []


def _years(study: Study) -> range:
    return range(study.years[0], study.years[1] + 1)
