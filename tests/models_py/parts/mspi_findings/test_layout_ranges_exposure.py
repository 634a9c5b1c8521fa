"""F-M6 to F-M11: on data in which each holds, and on data in which it does not."""

import numpy as np
import pandas as pd
import pytest

from catalog.parts import exposure as exposure_part
from catalog.parts import regressions
from catalog.provinces import provinces_by_code
from models_py.parts.comparison.printed import ComparisonError
from models_py.parts.mspi_findings.inputs import decimal, entries_exposure
from models_py.parts.mspi_findings.layout import (
    BOUNDS,
    column_head,
    printed_ranges,
    raw_count_ratio,
    same_controls,
    same_figure,
    where_exposure_varies,
)
from models_py.parts.mspi_findings.study_findings import study_findings
from tests.models_py.changing import with_header, with_part
from tests.models_py.parts.mspi_findings.planting import observed

# Smallest and largest figures of the 31 provinces as the general knowledge of domain section 4.1 has them.
TIBET = "Tibet 2013"


def models_with(study, table_no, model, **changes):
    """The study's models, one of them changed."""
    kept = []
    for spec in study.options(regressions.Options).models:
        kept.append(spec.model_dump() | (changes if spec.key == (table_no, model) else {}))
    return with_part(study, regressions.Options, models=kept)


def models_without(study, *keys):
    """The study's models but some."""
    models = study.options(regressions.Options).models
    return with_part(study, regressions.Options, models=[spec for spec in models if spec.key not in keys])


def estimates(base, table_no, model, term, value):
    """The study's estimates, one coefficient replaced."""
    frame = base.estimate.copy()
    row = (frame["table_no"] == table_no) & (frame["model"] == model) & (frame["term"] == term)
    assert row.sum() == 1
    frame.loc[row, "estimate"] = value
    return frame


def summary(base, **values):
    """The study's summary with planted extremes, {variable: (column, value)}; places are Tibet in 2013."""
    frame = base.summary_statistic.set_index("variable")
    for variable, (column, value) in values.items():
        frame.loc[variable, column] = value
        frame.loc[variable, f"{column}_at"] = TIBET
    return frame.reset_index()


def in_range(base, **others):
    """A summary whose extremes are those printed, but for `others`."""
    printed = {
        "population_density": ("min", 8.4),
        "urbanization": ("min", 0.35),
        "gdp_per_capita": ("min", 14532.0),
        "fiscal_expenditure": ("max", 34222.0),
    }
    return summary(base, **(printed | others))


def test_the_same_controls_and_what_differs(base):
    holds, text, chinese = observed(base, same_controls)
    assert holds is True
    assert "Regressors are the same; what else differs: province-specific trends." in text
    assert "其他区别：省份线性趋势" in chinese
    rows = base.estimate[(base.estimate["table_no"] == "Table 2") & (base.estimate["term"] == "exposure")]
    assert not rows["model"].duplicated().any()
    values = rows.set_index("model")["estimate"]
    assert f"{decimal(values['(2)'])} / {decimal(values['(3)'])}" in text


def test_other_controls(study, planted):
    fewer = models_with(study, "Table 2", "(3)", regressors=("exposure", "gdp_per_capita"))
    holds, text, _ = observed(planted(study=fewer), same_controls)
    assert holds is False
    assert "Regressors differ" in text


def test_a_study_without_column_three(study, planted):
    assert observed(planted(study=models_without(study, ("Table 2", "(3)"))), same_controls)[0] is None


def test_table_4_is_on_the_index(base):
    holds, text, _ = observed(base, column_head)
    assert holds is True
    assert text == "Outcome MSPI; coefficients: SSI 0.2857, QII 0.2857, HMI 0.4286."


def test_table_4_on_hmi(study, planted):
    regressors = ("exposure", "ssi", "qii")
    holds, text, _ = observed(
        planted(study=models_with(study, "Table 4", "(1)", outcome="hmi", regressors=regressors)), column_head
    )
    assert holds is False
    assert text.startswith("Outcome HMI")


def test_no_table_4(study, planted):
    assert observed(planted(study=models_without(study, ("Table 4", "(1)"))), column_head)[0] is None


def test_one_figure_in_two_tables(base, planted):
    holds, text, _ = observed(base, same_figure)
    assert holds is False
    value = base.coefficient("Table 2", "(2)", "exposure")
    same = planted(estimate=estimates(base, "Table 3", "QII", "exposure", round(value, 3)))
    holds, text, _ = observed(same, same_figure)
    assert holds is True
    assert text.count(decimal(value, 3)) == 2


def test_other_methods_of_inference_do_not_count_as_second_figures(base, planted):
    more = pd.concat([base.estimate, base.estimate.assign(method="cr3", estimate=9.0)])
    assert observed(planted(estimate=more), same_figure) == observed(base, same_figure)


def test_extremes_as_printed(base, planted):
    holds, text, _ = observed(planted(summary_statistic=in_range(base)), printed_ranges)
    assert holds is False
    assert text.count("printed") == len(BOUNDS)


@pytest.mark.parametrize(
    ("variable", "column", "value", "text"),
    [
        ("population_density", "min", 2.6, f"population density: min 2.6 ({TIBET}), below the printed 8.4."),
        ("urbanization", "min", 0.2371, f"urbanization rate: min 0.237 ({TIBET}), below the printed 0.350."),
        ("gdp_per_capita", "min", 22825.0, f"gdp per capita: min 22,825 ({TIBET}), above the printed 14,532."),
        (
            "fiscal_expenditure",
            "max",
            78000.0,
            f"fiscal expenditure per capita: max 78,000 ({TIBET}), above the printed 34,222.",
        ),
    ],
)
def test_one_extreme_out_of_range_is_enough(base, planted, variable, column, value, text):
    inputs = planted(summary_statistic=in_range(base, **{variable: (column, value)}))
    holds, english, _ = observed(inputs, printed_ranges)
    assert holds is True
    assert text in english


@pytest.mark.parametrize(("variable", "column", "value"), [("population_density", "min", 9.0)])
def test_the_other_side_is_no_contradiction(base, planted, variable, column, value):
    inputs = planted(summary_statistic=in_range(base, **{variable: (column, value)}))
    assert observed(inputs, printed_ranges)[0] is False


def test_less_than_half_a_printed_unit_is_rounding(base, planted):
    near = in_range(base, population_density=("min", 8.351), gdp_per_capita=("min", 14532.4))
    assert observed(planted(summary_statistic=near), printed_ranges)[0] is False
    assert (
        observed(planted(summary_statistic=in_range(base, population_density=("min", 8.349))), printed_ranges)[0]
        is True
    )


def test_percentages_are_compared_as_shares(base, planted):
    frame = in_range(base, urbanization=("min", 23.71))
    frame.loc[frame["variable"] == "urbanization", "unit"] = "%"
    holds, text, _ = observed(planted(summary_statistic=frame), printed_ranges)
    assert holds is True
    assert "urbanization rate: min 0.237" in text
    assert observed(planted(summary_statistic=frame.assign(min=35.0)), printed_ranges)[0] is not None


def test_a_unit_without_conversion_is_named(base, planted):
    frame = base.summary_statistic.assign(unit="万元/人")
    with pytest.raises(ComparisonError, match=r"Table 1, min, population_density: .*'万元/人'.*'persons/km2'"):
        study_findings(planted(summary_statistic=frame))


def test_synthetic_ranges_conclude_nothing(base, planted):
    inputs = planted(summary_statistic=in_range(base, population_density=("min", 2.6)), data_kind="synthetic")
    holds, text, _ = observed(inputs, printed_ranges)
    assert holds is None
    assert "2.6" in text
    assert "printed" not in text
    row = study_findings(inputs).set_index("finding_id").loc["F-M9"]
    assert row["verdict"] == "not testable"
    assert "synthetic: nothing follows about the paper" in row["observed"]


def test_the_exposure_settles_by_2015(base, exposure):
    holds, text, chinese = observed(base, where_exposure_varies)
    assert holds is True
    wide = exposure.pivot(index="entity_code", columns="year", values="exposure")
    moves = wide.diff(axis=1).iloc[:, 1:] != 0
    assert f"Exposure changes in {moves.any(axis=1).sum()} of 31 provinces" in text
    assert f"2014 ({moves[2014].sum()}), 2015 ({moves[2015].sum()})" in text
    assert "changes after 2015: none" in text
    for code in moves.index[moves.any(axis=1)]:
        name, year = provinces_by_code()[code], moves.columns[moves.loc[code]][0]
        assert f"{name.name_en} {year}" in text and f"{name.short_zh} {year}" in chinese


def test_late_changes_are_named(planted, exposure):
    late = exposure.copy()
    late.loc[(late["entity_code"] == 540000) & (late["year"] >= 2020), "exposure"] = 1.0
    holds, text, _ = observed(planted(exposure=late), where_exposure_varies)
    assert holds is False
    assert "changes after 2015: Tibet 2020." in text


def test_an_exposure_that_never_changes(planted, exposure):
    still = exposure.assign(exposure=0.5)
    assert observed(planted(exposure=still), where_exposure_varies)[0] is None


def test_an_exposure_with_gaps_says_so(planted, exposure):
    row = study_findings(planted(exposure=exposure.iloc[1:])).set_index("finding_id").loc["F-M10"]
    assert row["verdict"] == "not testable"
    assert "北京市 Beijing (110000) 2013" in row["observed"]


def test_counts_above_one(planted, exposure):
    entries = exposure.assign(exposure=np.minimum(exposure["exposure"], 0.9))
    row = (entries["entity_code"] == 320000) & (entries["year"] >= 2014)
    entries.loc[row, ["pilot_units", "total_units", "exposure"]] = [16, 13, 16 / 13]
    holds, text, _ = observed(planted(entries=entries), raw_count_ratio)
    assert holds is True
    assert text == ("Largest ratio 16/13 = 1.231 (Jiangsu 2014); above 1 in 11 province-years of 1 provinces.")


def test_counts_up_to_one(planted, exposure):
    row = exposure["entity_code"] == 320000
    full = exposure.assign(exposure=np.where(row, 1.0, 0.0), pilot_units=np.where(row, 10, 0))
    holds, text, _ = observed(planted(entries=full), raw_count_ratio)
    assert holds is False
    assert "Largest ratio 10/10 = 1.000" in text


def test_counts_not_given_or_twice(base, planted, exposure):
    holds, text, _ = observed(base, raw_count_ratio)
    assert holds is None
    assert "Not computed" in text
    with pytest.raises(ComparisonError, match=r"two rows of 北京市 Beijing \(110000\) 2013"):
        raw_count_ratio(planted(entries=pd.concat([exposure, exposure.head(1)])))


def test_entries_under_the_keys_of_the_study(study, exposure):
    own = exposure.assign(**study.options(exposure_part.Options).model_dump(exclude={"name", "programmes", "map"}))
    entries = own.assign(numerator="entries", exposure=2.0)
    variants = pd.concat([own, entries, entries.assign(timing="label"), entries.assign(study="other")])
    pd.testing.assert_frame_equal(entries_exposure(variants, study), entries)
    assert entries_exposure(own, study) is None
    bare = with_header(
        study,
        parts=tuple(part for part in study.parts if part.part() not in ("exposure", "regressions", "mspi_findings")),
    )
    assert entries_exposure(variants, bare) is None
