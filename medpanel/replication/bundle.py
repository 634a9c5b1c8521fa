"""Writing a study's replication bundle.

Belongs here: the list of files and their names. Does not belong here: the contents of each kind of file (the other
modules of this package).
"""

import importlib.metadata
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from catalog.base import Text
from catalog.studies import Study
from medpanel.office.spreadsheet_safety import neutralise
from medpanel.publishing.inputs import DataKind
from medpanel.replication.bibliography import citations
from medpanel.replication.datasets import parquet_bytes, stata_bytes
from medpanel.replication.samples import build_samples, expected_rows
from medpanel.replication.scripts import do_file, python_script, r_script
from medpanel.replication.texts import KINDS, data_notes, data_title, file_texts, readme, variable_labels
from models_py.parts.regressions.study_models import StudyModel

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
) -> list[Path]:
    """Write the bundle of a study into `folder` and return its files, sorted; an earlier bundle there is replaced.

    `estimate` and `model_fit`: the published rows; the cr1 rows of each model's regressors are what the scripts must
    find again. `sources`: rows of source_file, for the citations and the editions named in the notes. `labels`: names
    of variables that replace those of the catalog. On synthetic data every file with numbers has `synthetic_` in its
    name. The same input gives the same bytes.

    Raises BundleError if results and samples do not belong together, EstimationError for a model that cannot be
    estimated; in either case nothing is written.
    """
    contents = _contents(models, estimate, model_fit, study, data_kind, sources, labels or {})
    folder.mkdir(parents=True, exist_ok=True)
    earlier = rf"(synthetic_)?{study.id}_(sample_\d+\.(dta|parquet)|replicate\.(do|R|py)|expected\.csv)"
    for path in folder.iterdir():
        if re.fullmatch(earlier, path.name):
            path.unlink()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return sorted(folder / name for name in contents)


def _contents(
    models: Sequence[StudyModel],
    estimate: pd.DataFrame,
    model_fit: pd.DataFrame,
    study: Study,
    data_kind: DataKind,
    sources: pd.DataFrame | None,
    labels: Mapping[str, Text],
) -> dict[str, bytes]:
    """The files of the bundle by name; as `write_bundle`."""
    samples, scripted = build_samples([model.data for model in models])
    expected = expected_rows(scripted, samples, estimate, model_fit)
    named = variable_labels(study, samples, labels)
    prefix = f"{'synthetic_' if data_kind == 'synthetic' else ''}{study.id}"
    roles = {
        "do": f"{prefix}_replicate.do",
        "r": f"{prefix}_replicate.R",
        "python": f"{prefix}_replicate.py",
        "expected": f"{prefix}_expected.csv",
    }
    dta = {sample.number: f"{prefix}_sample_{sample.number}.dta" for sample in samples}
    parquet = {sample.number: f"{prefix}_sample_{sample.number}.parquet" for sample in samples}
    kind = KINDS[data_kind]
    heading = (f"{study.title.zh} {study.title.en}", kind.zh, kind.en)
    pyfixest = importlib.metadata.version("pyfixest")
    bibtex, gbt7714 = citations(study, sources)
    notes = {model.data.identity: model.notes for model in models}
    texts = {
        roles["do"]: do_file(scripted, dta, expected, heading),
        roles["r"]: r_script(scripted, dta, roles["r"], roles["expected"], heading),
        roles["python"]: python_script(scripted, parquet, roles["python"], roles["expected"], pyfixest, heading),
        roles["expected"]: neutralise(expected).to_csv(index=False, lineterminator="\n"),
        BIBTEX: bibtex,
        GBT7714: gbt7714,
        README: readme(study, kind, file_texts(roles, dta, parquet), roles, samples, scripted, named, notes, pyfixest),
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
    return contents
