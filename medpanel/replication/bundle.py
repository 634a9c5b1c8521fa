"""Writing a study's replication bundle.

Belongs here: which files there are and what those of the regressions are called. Does not belong here: which rows and
columns (samples.py), numbers that are no regressions (computed.py), formats (formats.py), scripts and texts
(scripts.py, texts.py, bibliography.py).
"""

import importlib.metadata
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from catalog.base import Text
from catalog.studies import Study
from medpanel.office.files import neutralise
from medpanel.publishing.inputs import DataKind
from medpanel.replication.bibliography import citations
from medpanel.replication.computed import Computed, Files, computed_files, computed_section
from medpanel.replication.formats import parquet_bytes, stata_bytes
from medpanel.replication.samples import build_samples, expected_rows
from medpanel.replication.scripts import do_file, python_script, r_script
from medpanel.replication.texts import (
    NOTHING_KNOWN,
    data_notes,
    data_title,
    file_texts,
    heading_of,
    prefix_of,
    readme,
    regressions_section,
    variable_labels,
    withheld_section,
)
from models_py.parts.regressions.study_models import StudyModel

# Files of figures; the numbers to be found again are results.
_DATA = re.compile(r"(?<!_expected)\.(dta|parquet|csv)$")
BIBTEX, GBT7714, README = "CITATION.bib", "citations_gbt7714.txt", "README.md"


def write_bundle(
    models: Sequence[StudyModel],
    estimate: pd.DataFrame,
    model_fit: pd.DataFrame,
    study: Study,
    data_kind: DataKind,
    folder: Path,
    *,
    sources: pd.DataFrame | None = None,
    labels: Mapping[str, Text] | None = None,
    computed: Sequence[Computed] | None = None,
    withheld: Sequence[Text] = (),
) -> list[Path]:
    """Write the bundle of a study into `folder` and return its files, sorted; an earlier bundle there is replaced.

    `estimate` and `model_fit`: the published rows; the cr1 rows of each model's regressors are what the scripts must
    find again. `sources`: rows of source_file, for the citations and the editions named in the notes. `labels`: names
    of variables that replace those of the catalog. `computed`: numbers of parts that are no regressions; there may be
    these alone, and none of them if the data have no figures: the README then says so. `withheld`: sources whose
    licence bars passing their figures on; where there is one, the bundle has no data, and the README says why. On
    synthetic data every file with numbers has `synthetic_` in its name. The same input gives the same bytes.

    Raises BundleError if results and samples do not belong together, EstimationError for a model that cannot be
    estimated; in either case nothing is written.
    """
    files: Files = {}
    sections = []
    if models or computed is None:
        files, section = _regressions(models, estimate, model_fit, study, data_kind, sources, labels or {})
        sections.append(section)
    for one in computed or ():
        files |= computed_files(one, study, data_kind, sources)
        sections.append(computed_section(one, study, data_kind))
    sections = sections or [NOTHING_KNOWN]
    if withheld:
        files = {name: file for name, file in files.items() if not _DATA.search(name)}
        sections.insert(0, withheld_section(withheld))
    bibtex, gbt7714 = citations(study, sources)
    said = readme(study, data_kind, {name: text for name, (_, text) in files.items()}, sections)
    contents = {name: content for name, (content, _) in files.items()}
    contents |= {name: text.encode() for name, text in ((BIBTEX, bibtex), (GBT7714, gbt7714), (README, said))}
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if re.fullmatch(rf"(synthetic_)?{study.id}_\w+\.(dta|parquet|csv|do|R|py)", path.name):
            path.unlink()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return sorted(folder / name for name in contents)


def _regressions(
    models: Sequence[StudyModel],
    estimate: pd.DataFrame,
    model_fit: pd.DataFrame,
    study: Study,
    data_kind: DataKind,
    sources: pd.DataFrame | None,
    labels: Mapping[str, Text],
) -> tuple[Files, str]:
    """The files of the regressions, and what the README says of them; as `write_bundle`."""
    samples, scripted = build_samples([model.data for model in models])
    expected = expected_rows(scripted, samples, estimate, model_fit)
    named = variable_labels(study, samples, labels)
    prefix = prefix_of(study, data_kind)
    roles = {
        "do": f"{prefix}_replicate.do",
        "r": f"{prefix}_replicate.R",
        "python": f"{prefix}_replicate.py",
        "expected": f"{prefix}_expected.csv",
    }
    dta = {sample.number: f"{prefix}_sample_{sample.number}.dta" for sample in samples}
    parquet = {sample.number: f"{prefix}_sample_{sample.number}.parquet" for sample in samples}
    heading = heading_of(study, data_kind)
    pyfixest = importlib.metadata.version("pyfixest")
    texts = {
        roles["do"]: do_file(scripted, dta, expected, heading),
        roles["r"]: r_script(scripted, dta, roles["r"], roles["expected"], heading),
        roles["python"]: python_script(scripted, parquet, roles["python"], roles["expected"], pyfixest, heading),
        roles["expected"]: neutralise(expected).to_csv(index=False, lineterminator="\n"),
    }
    contents = {name: text.encode() for name, text in texts.items()}
    title = data_title(study, data_kind)
    for sample in samples:
        said = data_notes(study, data_kind, sample, scripted, named, sources)
        columns = {str(name): named[str(name)] for name in sample.frame.columns}
        contents[dta[sample.number]] = stata_bytes(
            sample.frame, title, columns, said, sample.code, models[0].data.panel
        )
        contents[parquet[sample.number]] = parquet_bytes(sample.frame, title, columns, said)
    notes = {model.data.identity: model.notes for model in models}
    section = regressions_section(roles, samples, scripted, named, notes, pyfixest)
    return {name: (contents[name], text) for name, text in file_texts(roles, dta, parquet).items()}, section
