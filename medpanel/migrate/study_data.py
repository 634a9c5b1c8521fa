"""What a study file from before parts says, as a header and a list of parts.

Belongs here: which key of the old format became which option. Does not belong here: how the new file is written
(study_text.py) and whether it makes sense (catalog/).
"""

from pathlib import Path
from typing import Any

from catalog.base import CatalogError, Text, refuse

Data = dict[str, Any]

# Sections of the old kind that became parts as they were, in the order of the new file.
RENAMED = {
    "mediation": "products",
    "inference": "few_clusters",
    "design": "diagnostics",
    "timing": "treatment_timing",
    "specification_curve": "specification_curve",
}
NEEDED = ("id", "title", "years", "controls", "cluster", "models", "headline")
KNOWN = frozenset({*NEEDED, *RENAMED, "index", "exposure", "figure_1", "provisional_years", "paper"})
FIGURE = "Figure 1"
# The one kind of cluster there was; today errors are clustered by the panel's entities.
CLUSTER = "province_code"


def migrated_data(old: Any, path: Path) -> Data:
    """The same study in the new format. Raises CatalogError for a file that is not in the old format."""
    _require_old(old, path)
    controls = {"declared" if key == "variables" else key: value for key, value in old["controls"].items()}
    paper = {"paper": old["paper"]} if old.get("paper") is not None else {}
    provisional = {"provisional_years": old["provisional_years"]} if old.get("provisional_years") else {}
    return {
        "id": old["id"],
        "title": old["title"],
        **paper,
        "panel": {"unit": "province", "years": old["years"], **provisional},
        "variables": controls,
        "parts": _parts(old),
    }


def _parts(old: Data) -> list[Data]:
    extended = (("index", "performance_index", extra_of_index(old)), ("exposure", "exposure", extra_of_exposure(old)))
    return [
        *({part: {**old[name], **extra}} for name, part, extra in extended if old.get(name) is not None),
        {"regressions": {"headline": old["headline"], "models": [_model(model) for model in old["models"]]}},
        *({part: old[section]} for section, part in RENAMED.items() if old.get(section) is not None),
        *({part: {}} for part in parts_of_the_paper(old)),
    ]


def extra_of_index(old: Data) -> Data:
    """Weights of the index that models use: once an option of each model, now also one of the index."""
    used = [model.get("weighting", "equal") for model in old["models"]]
    weightings = list(dict.fromkeys(name for name in used if name != "equal"))
    return {"weightings": weightings} if weightings else {}


def extra_of_exposure(old: Data) -> Data:
    """The map of exposure, once a section of its own."""
    return {"map": {"number": FIGURE, **old["figure_1"]}} if old.get("figure_1") is not None else {}


def parts_of_the_paper(old: Data) -> tuple[str, ...]:
    """What belongs to a paper alone: the comparison, and the findings if the study has the paper's index."""
    if old.get("paper") is None:
        return ()
    return ("comparison", "mspi_findings") if old.get("index") is not None else ("comparison",)


def _model(model: Data) -> Data:
    """A model with the weights of the index as a variant of its variables."""
    weighting = model.get("weighting", "equal")
    kept = {key: value for key, value in model.items() if key != "weighting"}
    return kept if weighting == "equal" else {**kept, "variant": {"weighting": weighting}}


def remarks_on(old: Data) -> tuple[Text, ...]:
    """What the new file drops from the old one."""
    remarks = {
        ("index", "paper"): Text(
            en="Findings belong to the paper they are about; to keep computing them, add the part `mspi_findings`.",
            zh="疑点核查属于相应论文；如需继续计算，请添加 `mspi_findings` 部分。",
        ),
        ("figure_1", "exposure"): Text(
            en="figure_1 is left out: it maps an exposure to pilots, which this study does not have.",
            zh="figure_1 已略去：本研究没有试点暴露度。",
        ),
    }
    return tuple(text for (has, lacks), text in remarks.items() if old.get(has) is not None and old.get(lacks) is None)


def _require_old(old: Any, path: Path) -> None:
    refuse((not isinstance(old, dict), f"{path}: not a study file / 不是研究文件"), error=CatalogError)
    missing = [key for key in NEEDED if old.get(key) is None]
    unknown = sorted(str(key) for key in set(old) - KNOWN)
    found = [f"it {verb} {', '.join(keys)}" for verb, keys in (("lacks", missing), ("has", unknown)) if keys]
    refuse(
        (
            "parts" in old or "panel" in old,
            f"{path}: this study file already has today's format; nothing to do / 已是新格式，无需迁移",
        ),
        (
            found,
            f"{path}: not a study file in the format used before parts: {'; '.join(found)}. Correct it first, or start "
            "from a copy of a file in catalog/studies/ / 不是旧格式的研究文件，请先更正，或从 catalog/studies/ 复制",
        ),
        error=CatalogError,
    )
    sections = ("index", "exposure", "figure_1", *RENAMED)
    odd = [name for name in sections if old.get(name) is not None and not isinstance(old[name], dict)]
    refuse(
        (
            not isinstance(old["controls"], dict) or not _mappings(old["models"]),
            f"{path}: `controls` must be a mapping, `models` a list of mappings, `weighting` one word / 结构有误",
        ),
        (odd, f"{path}: {', '.join(odd)} must be a mapping, or left out / 须为映射，或略去"),
        (
            old["cluster"] != CLUSTER,
            f"{path}: cluster is {old['cluster']!r}; errors are clustered by province, which was `{CLUSTER}` / "
            f"标准误按省份聚类，应为 {CLUSTER}",
        ),
        error=CatalogError,
    )


def _mappings(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, dict) and isinstance(item.get("weighting", ""), str) for item in value
    )
