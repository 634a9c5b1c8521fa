"""What surrounds a part's own scripts: the data and lists they are given, and the comparison with the expected numbers.

Belongs here: the text around the scripts. Does not belong here: the scripts (models_py/parts/<part>/replication/), the
data and numbers (computed.py).

What a script finds, and what it must leave, in each language:
- Stata: locals with the file of each frame and each list; it leaves key columns and `value` in memory.
- R: `compute <- function(data, lists)`, both lists by name; it returns a data frame with key columns and `value`.
- Python: `compute(data, lists)`, both mappings by name; it returns a data frame with key columns and `value`.
"""

import json
from collections.abc import Mapping, Sequence

from medpanel.replication.names import heading, over_lines

Lists = Mapping[str, Sequence[str | float]]

_STATA = """\
version 16
clear all
set more off
set varabbrev off

{given}

{body}
* The same at the end of every script: each expected number must be among those found.
keep {keys} value
rename value found
quietly merge 1:1 {keys} using "{expected}", keep(match using) nogenerate
generate double gap = abs(found - value)
generate byte differs = !(gap <= tolerance)
quietly count if differs
local different = r(N)
gsort -differs number
if `different' > 0 {{
    display as error "`different' not found again, the first: " name[1] ", " found[1] " instead of " value[1]
    exit 9
}}
quietly summarize gap
display as text "All " _N " numbers were found again; the largest difference is " r(max)
"""


def do_file(
    body: str, frames: Mapping[str, str], lists: Lists, keys: list[str], expected: str, said: Sequence[str]
) -> str:
    """The do-file. `frames`: names of .dta files; `expected`: that of the expected numbers."""
    files = [f'local {name} "{file}"' for name, file in frames.items()]
    given = [" ///\n".join(over_lines(map(str, items), 101, first=f"local {name} ")) for name, items in lists.items()]
    text = _STATA.format(given="\n".join([*files, *given]), body=body, keys=" ".join(keys), expected=expected)
    return heading(said, "*") + "\n" + text


_R = """\
# Run in this folder: Rscript {script}
read <- function(file) read.csv(file, fileEncoding = "UTF-8", na.strings = "", stringsAsFactors = FALSE)
data <- list(
{frames}
)
lists <- list(
{lists}
)

{body}
# The same at the end of every script: each expected number must be among those found.
expected <- read("{expected}")
keys <- c({keys})
as_text <- function(values) if (is.numeric(values)) sprintf("%.15g", values) else values
place <- function(rows) do.call(paste, c(lapply(rows[keys], as_text), sep = "|"))
rows <- compute(data, lists)
stopifnot(!anyDuplicated(place(rows)))
found <- rows$value[match(place(expected), place(rows))]
gap <- abs(found - expected$value)
different <- which(!(gap <= expected$tolerance) | is.na(gap))
if (length(different) > 0) {{
  first <- different[1]
  stop(
    length(different), " not found again, the first: ", expected$name[first], ", ", found[first], " instead of ",
    expected$value[first],
    call. = FALSE
  )
}}
cat("All", nrow(expected), "numbers were found again; the largest difference is", max(gap), "\\n")
"""


def r_script(
    body: str, frames: Mapping[str, str], lists: Lists, keys: list[str], expected: str, script: str, said: Sequence[str]
) -> str:
    """The R script. `frames`: names of .csv files; `expected`: that of the expected numbers."""
    text = _R.format(
        script=script,
        frames=",\n".join(f'  {name} = read("{file}")' for name, file in frames.items()),
        lists=",\n".join(_listed(f"  {name} = c(", items, ")") for name, items in lists.items()),
        body=body,
        expected=expected,
        keys=", ".join(map(_literal, keys)),
    )
    return heading(said) + "\n" + text


_PYTHON = '''\
# Run: python {script}
{body}

# The same at the end of every script: each expected number must be among those found.
from pathlib import Path

import pandas as pd

FRAMES = {{
{frames}
}}
LISTS = {{
{lists}
}}
KEYS = [{keys}]


def read(file):
    """A file beside this one."""
    path = Path(__file__).resolve().parent / file
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def main():
    """Compute every number and compare it with what is expected."""
    rows = compute({{name: read(file) for name, file in FRAMES.items()}}, LISTS)
    expected = read("{expected}")
    both = expected.merge(rows.rename(columns={{"value": "found"}}), on=KEYS, how="left", validate="one_to_one")
    gap = (both["found"] - both["value"]).abs()
    different = both[~(gap <= both["tolerance"])]
    if len(different):
        row = different.iloc[0]
        first = f"{{row['name']}}, {{row['found']}} instead of {{row['value']}}"
        raise SystemExit(f"{{len(different)}} not found again, the first: {{first}}")
    print(f"All {{len(both)}} numbers were found again; the largest difference is {{gap.max()}}")


if __name__ == "__main__":
    main()
'''


def python_script(
    body: str, frames: Mapping[str, str], lists: Lists, keys: list[str], expected: str, script: str, said: Sequence[str]
) -> str:
    """The Python script. `frames`: names of .csv files; `expected`: that of the expected numbers."""
    text = _PYTHON.format(
        script=script,
        frames="\n".join(f'    "{name}": "{file}",' for name, file in frames.items()),
        lists="\n".join(_listed(f'    "{name}": [', items, "],") for name, items in lists.items()),
        body=body,
        expected=expected,
        keys=", ".join(map(_literal, keys)),
    )
    return heading(said) + "\n" + text


def _literal(item: str | float) -> str:
    # The escapes of JSON are those of R and Python.
    return json.dumps(item, ensure_ascii=False) if isinstance(item, str) else str(item)


def _listed(first: str, items: Sequence[str | float], last: str) -> str:
    """A list over as many lines as it needs."""
    return "\n".join(over_lines((f"{_literal(item)}," for item in items), 110, first=first)).removesuffix(",") + last
