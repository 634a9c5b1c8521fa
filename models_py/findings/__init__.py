"""A paper's printed figures beside a study's own, and what is odd in the paper looked for in the study's data.

Belongs here: comparisons and checks, in numbers and in words of both languages.
Does not belong here: estimators (models_py/econometrics), indices (models_py/indices), pages (medpanel/).
"""

from models_py.findings.comparison import published_comparison
from models_py.findings.exposure import entries_exposure
from models_py.findings.inputs import FindingInputs
from models_py.findings.markdown import findings_markdown
from models_py.findings.printed import FindingError
from models_py.findings.study_findings import study_findings

__all__ = [
    "FindingError",
    "FindingInputs",
    "entries_exposure",
    "findings_markdown",
    "published_comparison",
    "study_findings",
]
