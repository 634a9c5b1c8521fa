"""The keys pilots are counted by: a row for each combination a study declares, its own first."""

from catalog.exposure_keys import KEYS, exposure_rows
from catalog.parts import exposure, specification_curve
from catalog.parts.specification_curve import Choices
from catalog.studies import load_studies
from tests.models_py.changing import with_header, with_part, without_parts


def test_every_study_with_exposure_has_its_own_keys_first() -> None:
    studies = load_studies()
    assert {row["study"] for row in exposure_rows(studies.values())} < set(studies), "some study has no exposure"
    for study in studies.values():
        rows = exposure_rows([study])
        if not study.all(exposure.Options):
            assert rows == []
            continue
        spec, first = study.options(exposure.Options), rows[0]
        assert [row["preferred"] for row in rows] == [True] + [False] * (len(rows) - 1)
        assert {key: first[key] for key in KEYS} == {key: getattr(spec, key) for key in KEYS}
        # Every option of the part but these decides how pilots are counted, and so is a key.
        assert set(KEYS) == set(exposure.Options.model_fields) - {"name", "programmes", "map"}
        begin, end = study.panel.years
        for row in rows:
            assert row["programmes"] == "|".join(spec.programmes)
            assert (row["first_year"], row["last_year"]) == (begin, None if end == "latest" else end)


def test_every_declared_combination_has_a_row() -> None:
    """All of a study's own and its declared options with each other, and nothing of choices that are not declared."""
    study = load_studies()["mspi"]
    own = {key: getattr(study.options(exposure.Options), key) for key in KEYS}
    # The study's own option, repeated or not, and another choice of the curve that is none of exposure's.
    choices = Choices(numerator=("fraction", "covered"), timing=("label", "announcement"), ddof=(0, 1))
    rows = exposure_rows([with_part(study, specification_curve.Options, choices=choices)])
    expected = {(n, t) for n in ("covered", "fraction") for t in ("half_year", "announcement", "label")}
    assert {(row["numerator"], row["timing"]) for row in rows} == expected
    assert len(rows) == len(expected)
    for row in rows:
        assert all(row[key] == value for key, value in own.items() if key not in ("numerator", "timing"))
        assert row["preferred"] == all(row[key] == value for key, value in own.items())
    plain = with_header(without_parts(study, specification_curve.Options), id="plain")
    [only] = exposure_rows([plain])
    assert only["preferred"] and {key: only[key] for key in KEYS} == own
