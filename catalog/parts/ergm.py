"""Options of the part `ergm`: which network models are fitted, on which networks, in which units."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field

from catalog.base import Strict, Text, repeated
from catalog.known_names import KnownIndicator
from catalog.part_options import PartOptions, Setting
from catalog.parts import network
from catalog.study_rules import forbid

if TYPE_CHECKING:
    from catalog.studies import Study

Scale = Literal["raw", "z", "per_unit"]
Unlisted = Literal["observed", "all_zero", "listed_only"]
# Covariates of pairs by what they are made from; distances in hundreds of kilometres, degrees where they say so.
Pairwise = Literal[
    "inverse_distance", "inverse_great_circle", "inverse_degrees", "great_circle", "dialect", "dialect_sub", "province"
]
SIMULATED = "simulated_nodes"
# A term's first argument, where it is a name.
_NAMED = re.compile(r"^(?:offset\()?\s*(\w+)\(\s*(['\"])(.+?)\2")


class Nodal(Strict):
    """`variables`: indicators by the name terms use. `scale`: raw, z (mean 0, SD 1 over nodes), or per_unit, divided
    by what `per_unit` says of some of them.
    """

    variables: dict[str, KnownIndicator] = Field(default_factory=dict)
    scale: Scale = "raw"
    per_unit: dict[str, float] = Field(default_factory=dict)


class ModelSpec(Strict):
    """`terms` in statnet's notation, after those of the model `like`, which is nested in this one. `title`: what print
    calls it, if not its name.
    """

    title: Text | None = None
    like: str | None = None
    terms: tuple[str, ...] = Field(min_length=1)


class TableSpec(Strict):
    """One table: `models` by name, fitted on each of `networks`; `dyads`: covariates of pairs by the name terms use;
    `headline`: the model that is read in words; `pairs`: codes of both ends whose probability is published.
    """

    table_no: str
    title: Text
    networks: tuple[str, ...] = Field(min_length=1)
    dyads: dict[str, Pairwise] = Field(default_factory=dict)
    models: dict[str, ModelSpec] = Field(min_length=1)
    headline: str
    pairs: tuple[tuple[int, int], ...] = ()

    def model_title(self, model: str) -> Text:
        """What print calls a model: Model 1 is 模型1."""
        chinese = f"模型{model.removeprefix('Model ')}" if model.startswith("Model ") else model
        return self.models[model].title or Text(en=model, zh=chinese)

    def terms(self, model: str) -> tuple[str, ...]:
        """All terms of a model."""
        spec = self.models[model]
        return (*(self.terms(spec.like) if spec.like else ()), *spec.terms)


class Options(PartOptions):
    """`tables` of models. `unlisted`: how pairs whose state nobody knows are treated, the study's own first: as unknown
    (observed), as no ties (all_zero, the paper's way), or left out with all unlisted pairs (listed_only).
    `simulated_nodes`: networks of more nodes are not fitted by simulation, unless a run is set to. `seed`: of those.
    """

    zh: ClassVar[str] = (
        "`tables`：各表的模型。`unlisted`：状态不明的城市对如何处理，本研究的选择居首：视为未知（observed）、"
        "视为无边（all_zero，论文做法），或连同所有未列出的城市对一并略去（listed_only）。"
        "`simulated_nodes`：节点数超过此值的网络不作模拟拟合，除非在某次运行中另行设定。`seed`：模拟的随"
        "机种子。"
    )

    nodal: Nodal = Nodal()
    tables: tuple[TableSpec, ...] = Field(min_length=1)
    unlisted: tuple[Unlisted, ...] = Field(default=("observed", "all_zero", "listed_only"), min_length=1)
    simulated_nodes: int = Field(default=60, ge=0)
    seed: int = Field(default=0, ge=0)

    @property
    def settings(self) -> Mapping[str, Setting]:
        """The largest network fitted by simulation, so that a long run can be asked for without another study file."""
        return {
            SIMULATED: Setting(
                label=Text(en="largest network fitted by simulation", zh="以模拟法估计的最大网络"),
                unit=Text(en="nodes", zh="节点"),
                value=float(self.simulated_nodes),
                least=0.0,
            )
        }

    def with_set(self, changed: Mapping[str, float]) -> Self:
        """The options of a longer run."""
        return self.model_copy(update={SIMULATED: int(changed[SIMULATED])})

    def indicators(self, study: "Study") -> tuple[str, ...]:
        """What nodes are described by."""
        return tuple(dict.fromkeys(self.nodal.variables.values()))

    def check(self, study: "Study") -> None:
        """Networks, models, variables and covariates that are named exist; nothing stands twice."""
        known = study.options(network.Options).networks
        forbid(repeated(self.unlisted), "ergm.unlisted", ("unlisted",))
        forbid(repeated([table.table_no for table in self.tables]), "ergm.twice", ("tables",))
        places = [f"{name}, {model}" for table in self.tables for name in table.networks for model in table.models]
        forbid(repeated(places), "ergm.twice", ("tables",))
        alien = sorted(set(self.nodal.per_unit) - set(self.nodal.variables))
        forbid(alien, "ergm.per_unit", ("nodal", "per_unit"), known=sorted(self.nodal.variables))
        forbid(
            [name for name, value in self.nodal.per_unit.items() if value <= 0],
            "ergm.per_unit_size",
            ("nodal", "per_unit"),
        )
        unused = self.nodal.per_unit if self.nodal.scale != "per_unit" else {}
        forbid(sorted(unused), "ergm.per_unit_unused", ("nodal", "scale"), scale=self.nodal.scale)
        for at, table in enumerate(self.tables):
            forbid([name for name in table.networks if name not in known], "ergm.network", ("tables", at, "networks"))
            self._check_models(table, at)
            self._check_terms(table, at, known)

    def _check_models(self, table: TableSpec, at: int) -> None:
        """Models are like one that stands before them."""
        before: list[str] = []
        for name, spec in table.models.items():
            where = ("tables", at, "models", name)
            forbid(spec.like is not None and spec.like not in before, "ergm.like", where, like=spec.like, known=before)
            before.append(name)
        forbid(table.headline not in before, "ergm.headline", ("tables", at, "headline"), headline=table.headline,
               known=before)  # fmt: skip

    def _check_terms(self, table: TableSpec, at: int, networks: Mapping[str, network.NetworkSpec]) -> None:
        """Names in terms are variables of nodes, of which the networks have figures, or covariates of pairs."""
        for name, spec in table.models.items():
            for term in spec.terms:
                found = _NAMED.match(term)
                if found is None:
                    continue
                kind, named, where = found[1], found[3], ("tables", at, "models", name)
                if kind == "edgecov":
                    forbid(named not in table.dyads, "ergm.dyad", where, term=term, known=sorted(table.dyads))
                    continue
                forbid(named not in self.nodal.variables, "ergm.variable", where, term=term,
                       known=sorted(self.nodal.variables))  # fmt: skip
                indicator = self.nodal.variables[named]
                lacking = [one for one in table.networks if indicator not in networks[one].having]
                forbid(lacking, "ergm.having", where, indicator=indicator)
