"""Survey microdata in sources.yaml: which variables a wave has, and which networks are made from its respondents.

Belongs here: the models of `survey:` and of surveys/cmds.yaml. Reading the files: ingestion/readers/persons/survey.
"""

from functools import cache
from typing import Literal

from pydantic import Field

from catalog.base import CATALOG_DIR, Strict, Text, read_yaml, refuse, repeated, validate
from catalog.provinces import load_provinces

SURVEYS_PATH = CATALOG_DIR / "surveys" / "cmds.yaml"
# Cells of fewer respondents are commonly withheld by statistical offices; 10 is the usual bound for such surveys.
SMALL_CELLS = 10
# Cells that are published are rounded to it, unless the limit is switched off: sums tell nobody's presence.
ROUNDED_TO = 5


class SurveyFields(Strict):
    """Names of the variables; None: the wave has no such variable.

    residence_code   six-digit code of the county of residence, where there is one instead of names
    residence_*      names of the current residence; needed without residence_code: province and prefecture
    hukou_code       six-digit code of the county of the household register
    scope            1 other province, 2 other prefecture of the province, 3 other county of the prefecture
    """

    respondent: str
    hukou_code: str
    scope: str
    residence_code: str | None = None
    residence_province: str | None = None
    residence_prefecture: str | None = None
    residence_county: str | None = None
    arrival_year: str | None = None
    arrival_month: str | None = None
    weight: str | None = None

    def _consistent(self) -> None:
        names = (self.residence_province, self.residence_prefecture, self.residence_county)
        twice = ", ".join(repeated(name.casefold() for name in self.named.values()))
        refuse(
            (
                self.residence_code is not None and any(names),
                "either residence_code or the names of the residence, not both / "
                "residence_code 与现居地名称只能声明其一",
            ),
            (
                self.residence_code is None and not (self.residence_province and self.residence_prefecture),
                "residence_code, or residence_province and residence_prefecture, is needed / "
                "须声明 residence_code，或 residence_province 与 residence_prefecture",
            ),
            (twice, f"one variable for two fields: {twice} / 一个变量用于两个字段：{twice}"),
        )

    @property
    def named(self) -> dict[str, str]:
        """Field -> name of its variable, for the fields the wave has."""
        return {field: name for field, name in self.model_dump().items() if name is not None}


class SurveyCatalog(Strict):
    """surveys/cmds.yaml; its comments say what each key is."""

    field_maps: dict[str, SurveyFields]
    no_edges: dict[str, Text]
    scopes: dict[int, str]
    outside: tuple[str, ...]
    municipal_prefectures: tuple[str, ...]
    direct_prefectures: tuple[str, ...]


@cache
def load_survey_catalog() -> SurveyCatalog:
    """surveys/cmds.yaml. Raises CatalogError."""
    return validate(SurveyCatalog, read_yaml(SURVEYS_PATH), SURVEYS_PATH)


class SurveyNetwork(Strict):
    """One network made from the respondents.

    level      prefecture: units are prefecture-level (a municipality is one); county: county-level
    province   only respondents whose two places both lie in it, for example 330000; needed for counties, because a
               nation of counties would consist of small cells
    weight     none: one respondent is one person; w_l: the sum of the survey's weights
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    level: Literal["prefecture", "county"] = "prefecture"
    province: int | None = None
    weight: Literal["none", "w_l"] = "none"

    def _consistent(self) -> None:
        known = {None, *(p.province_code for p in load_provinces())}
        of_nation = self.level == "county" and self.province is None
        refuse(
            (
                self.province not in known,
                f"{self.name}: {self.province} is not a province code / {self.name}：{self.province} 不是省级代码",
            ),
            (
                of_nation,
                f"{self.name}: a network of counties needs its `province` / {self.name}：县级网络须声明 province",
            ),
        )


class SurveySpec(Strict):
    """`survey:` of an entry whose layout is cmds.

    wave         year of the interviews: places are those of its 31 December, and the answers are checked in them
    fields       name of a map of surveys/cmds.yaml, or the map itself
    networks     what is made of the file; default: one of prefecture-level units named cmds
    codes_year   the year whose units the networks have, when not the wave's
    small_cells  cells of fewer respondents are withheld, in every network, and all others rounded to 5; 0 or 1 switches
                 both off
    """

    wave: int = Field(ge=2009, le=2100)
    fields: str | SurveyFields
    networks: tuple[SurveyNetwork, ...] = Field(default=(SurveyNetwork(name="cmds"),), min_length=1)
    codes_year: int | None = Field(default=None, ge=1980, le=2100)
    small_cells: int = Field(default=SMALL_CELLS, ge=0, le=1_000_000)

    def _consistent(self) -> None:
        known = load_survey_catalog()
        names = sorted({*known.field_maps, *known.no_edges})
        unknown = isinstance(self.fields, str) and self.fields not in names
        refuse(
            (
                unknown,
                f"survey: unknown field map {self.fields!r}; known: {', '.join(names)} / "
                f"survey：没有字段表 {self.fields!r}",
            )
        )
        if self.no_edges is not None:
            return
        refuse(
            (
                repeated(network.name for network in self.networks),
                "survey: two networks have the same name / survey：两个网络重名",
            )
        )
        fields = self.field_map
        for network in self.networks:
            of_counties = network.level == "county" and not (fields.residence_county or fields.residence_code)
            refuse(
                (
                    network.weight != "none" and fields.weight is None,
                    f"survey: network {network.name} is weighted, and `fields` has no weight / "
                    f"survey：网络 {network.name} 需加权，但 fields 中没有 weight",
                ),
                (
                    of_counties,
                    f"survey: network {network.name} needs residence_county or residence_code / "
                    f"survey：网络 {network.name} 须有 residence_county 或 residence_code",
                ),
            )

    @property
    def field_map(self) -> SurveyFields:
        """The variables of the wave. Raises KeyError for a wave without edges (see `no_edges`)."""
        return load_survey_catalog().field_maps[self.fields] if isinstance(self.fields, str) else self.fields

    @property
    def no_edges(self) -> Text | None:
        """Why the wave cannot give an edge list, or None."""
        return load_survey_catalog().no_edges.get(self.fields) if isinstance(self.fields, str) else None
