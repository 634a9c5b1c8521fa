"""The fate of each figure in a table of flows: loaded, refused or set aside, and why.

Works on the temporary table `raw` (seq, row, cell, o, d, w, p: all but seq and row are texts) and leaves the table
`fate` (the same, with codes, value, period and kind). Making `raw`: table.py; sums of what is loaded: loading.py.

Some lists mix two places under one name. A service that files two places under one name
multiplies the shares of each list by the scale of both places. A partner of one list then occurs twice, one of both
lists four times, and all pairs of figures have the ratio of the two scales. Such rows are neither two figures of a pair
nor parts to be added up.
"""

from collections.abc import Collection, Iterator

import duckdb
import pyarrow as pa

from catalog.declarations.flow import FlowSpec
from ingestion.readers.base import Problem, Refusal, given, refuse_for, require
from ingestion.readers.flows.declared import FlowFile, focal_end, focal_ends, other_end
from ingestion.readers.flows.engine import create_from_rows
from ingestion.readers.flows.meanings import SEPARATOR, Ends, Period, name_places, parse_period
from ingestion.vocabulary.numbers import mark_key, parse_number

# Kinds that are no fault of a row; all others but `good` are refused (loading.py).
SET_ASIDE = ("blank", "outside", "province", "missing", "self_loop", "repeat")
# A share of contradicting rows no mistake in single rows explains.
STACKED = 0.1
# Lists of shares may sum to a little more than 100 by rounding.
PERCENT_SLACK = 0.5
_PLAIN = r"[+-]?(\d{1,17}\.?\d{0,20}|\.\d{1,20})([eE][+-]?\d{1,2})?"
# So many partners at one ratio, and so nearly all of those that stand at two figures, are no coincidence.
FEWEST = 5
MOST = 0.9
SAME = 1e-3
CONSTANT = f"""count(*) FILTER (figures = 2 AND abs(ratio / middle - 1) <= {SAME})
    >= greatest({FEWEST}, {MOST} * count(*) FILTER (figures = 2))"""
_FIGURES = """
    SELECT {focal} AS place, pi, any_value(pl) AS period, {other} AS partner, count(DISTINCT v) AS figures,
           min(v) / nullif(max(v), 0) AS ratio, min(row) AS row,
           any_value({name}) AS name
    FROM fate WHERE kind = 'good' GROUP BY {focal}, pi, {other} HAVING count(DISTINCT v) > 1
"""


def assign_fates(con: duckdb.DuckDBPyConnection, file: FlowFile, loops: bool = False) -> Ends:
    """Make `fate` out of `raw`. Raises Refusal for a file whose periods or whose pairs contradict one another.

    loops: the rows are of one place each, whose both ends are that place.
    """
    spec = file.spec
    ends = Ends(spec.level, _periods(con), file.source.key == "name")
    name_places(con, ends, "place", "SELECT o FROM raw UNION SELECT d FROM raw")
    _odd_numbers(con, spec, [mark_key(mark) for mark in file.source.missing_marks])
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE fate AS
        WITH typed AS (
            SELECT raw.*, a.code AS oc, b.code AS dc, a.kind AS ok, b.kind AS dk,
                   period.ordinal AS pi, period.year AS py, period.label AS pl, odd.kind AS nk,
                   CASE WHEN odd.kind IS NULL AND regexp_full_match(w, '{_PLAIN}') THEN CAST(w AS DOUBLE)
                        ELSE odd.value END AS v
            FROM raw
            LEFT JOIN place a ON a.text = o LEFT JOIN place b ON b.text = d
            LEFT JOIN period ON period.text = p LEFT JOIN odd ON odd.text = w
        )
        SELECT *, CASE
            WHEN ok = 'empty' AND dk = 'empty' AND trim(w) = '' THEN 'blank'
            WHEN ok = 'unknown' OR dk = 'unknown' OR ok = 'empty' OR dk = 'empty' THEN 'place'
            WHEN ok = 'outside' OR dk = 'outside' THEN 'outside'
            WHEN ok = 'province' OR dk = 'province' THEN 'province'
            WHEN pi IS NULL THEN 'flow_period'
            WHEN nk = 'missing' THEN 'missing'
            WHEN v IS NULL OR NOT isfinite(v) THEN 'not_a_number'
            WHEN v < 0 THEN 'flow_negative'
            WHEN v > $limit THEN 'flow_too_large'
            WHEN oc = dc AND NOT $loops THEN 'self_loop'
            ELSE 'good' END AS kind
        FROM typed
        """,
        {"limit": spec.limit, "loops": loops},
    )
    _refuse_mixed_lists(con, spec, ends)
    if spec.repeated == "reject":
        _repeats(con)
    if spec.direction != "both":
        _lists(con, spec)
    if spec.scale is not None:
        con.execute(
            f"""
            UPDATE fate SET kind = 'flow_no_scale' WHERE kind = 'good'
            AND NOT EXISTS (FROM scale WHERE scale.code = {focal_end(spec)} AND scale.ordinal = pi)
            """
        )
    return ends


def _texts(con: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return sorted(str(row[0]) for row in con.execute(query).fetchall())


def _periods(con: duckdb.DuckDBPyConnection) -> list[int]:
    """Table `period`; the years it spans, in order."""
    texts = _texts(con, "SELECT DISTINCT p FROM raw WHERE NOT (o = '' AND d = '' AND w = '')")
    found: list[tuple[str, Period]] = [(text, each) for text in texts if (each := parse_period(text)) is not None]
    kinds = sorted({each.kind for _, each in found})
    examples = ", ".join(next(text for text, each in found if each.kind == kind) for kind in kinds)
    require(len(kinds) < 2, Problem("flow_period_mixed", examples))
    require(found or not texts, Problem("flow_period", "".join(texts[:1])[:60], "written"))
    create_from_rows(
        con,
        "period",
        {"text": pa.string(), "ordinal": pa.int64(), "year": pa.int32(), "label": pa.string()},
        [(text, each.ordinal, each.year, each.label) for text, each in found],
    )
    return sorted({each.year for _, each in found})


def _odd_numbers(con: duckdb.DuckDBPyConnection, spec: FlowSpec, marks: Collection[str]) -> None:
    """Table `odd`: figures not written plainly (1,234 or 12%), missing marks and texts that are no numbers."""
    # A declared mark may be a number: -999.
    numbers = "" if marks else f" WHERE NOT regexp_full_match(w, '{_PLAIN}')"
    texts = _texts(con, f"SELECT DISTINCT w FROM raw{numbers}")
    create_from_rows(
        con,
        "odd",
        {"text": pa.string(), "value": pa.float64(), "kind": pa.string()},
        [(text, *odd_number(text, spec.unit == "percent", marks)) for text in texts],
    )


def odd_number(text: str, percent: bool = False, marks: Collection[str] = ()) -> tuple[float | None, str]:
    """The number a text holds, and its kind: good, missing or bad."""
    try:
        number = parse_number(text, percent, marks)
    except ValueError:
        return None, "bad"
    return (None, "missing") if number is None else (float(number), "good")


def _repeats(con: duckdb.DuckDBPyConnection) -> None:
    """Equal repeats of a pair in a period are set aside but for the first; different figures are all refused."""
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE twice AS
        SELECT oc, dc, pi, count(*) AS n, count(DISTINCT v) AS figures, min(seq) AS first,
               list(DISTINCT v ORDER BY v)[:4] AS examples, list(row ORDER BY seq)[:4] AS places
        FROM fate WHERE kind = 'good' GROUP BY ALL HAVING n > 1
        """
    )
    _refuse_stacked(con)
    con.execute(
        """
        UPDATE fate SET kind = CASE WHEN twice.figures > 1 THEN 'flow_contradiction' ELSE 'repeat' END
        FROM twice
        WHERE kind = 'good' AND fate.oc = twice.oc AND fate.dc = twice.dc AND fate.pi = twice.pi
          AND (twice.figures > 1 OR fate.seq > twice.first)
        """
    )


def _refuse_stacked(con: duckdb.DuckDBPyConnection) -> None:
    """Raise Refusal where contradictions are the rule: both directions under one header, or parts to be added up."""
    # As the file names them, so that the evidence can be counted in the file itself.
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE named AS
        SELECT o, d, p, v, count(*) OVER pair AS n, min(v) OVER pair < max(v) OVER pair AS differs FROM fate
        WHERE kind IN ('good', 'place', 'outside', 'province') AND v IS NOT NULL AND (o <> d OR kind = 'good')
        WINDOW pair AS (PARTITION BY o, d, p)
        """
    )
    [(rows, pairs, twice)] = con.execute(
        "SELECT count(*), count(DISTINCT (o, d, p)) FILTER (differs), count(*) FILTER (differs) FROM named"
    ).fetchall()
    if pairs < 2 or twice <= STACKED * rows:
        return
    # The figure of a pair that comes back at the pair the other way round is a mirror image.
    [(mirrored,)] = con.execute(
        """
        SELECT count(DISTINCT (x.o, x.d, x.p)) FROM named x
        JOIN named y ON y.o = x.d AND y.d = x.o AND y.p = x.p AND y.v = x.v WHERE x.differs
        """
    ).fetchall()
    found = f"{pairs:,} pairs of {rows:,} rows occur more than once with different figures"
    if mirrored >= STACKED * pairs:
        found += f"; {mirrored:,} of them have a figure that comes back at the pair the other way round"
        raise Refusal(Problem("flow_stacked", found))
    raise Refusal(Problem("flow_many_contradictions", found))


def _lists(con: duckdb.DuckDBPyConnection, spec: FlowSpec) -> None:
    """Refuse lists longer than the service makes them, and shares that sum to more than the whole."""
    faults = {"flow_list_too_long": f"count(*) > {spec.longest}"}
    if spec.unit == "percent":
        faults["flow_shares_over_100"] = f"sum(v ORDER BY seq) > {100 + PERCENT_SLACK}"
    focal = focal_end(spec)
    for kind, having in faults.items():
        con.execute(
            f"""
            UPDATE fate SET kind = '{kind}'
            FROM (SELECT {focal} AS f, pi AS q FROM fate WHERE kind = 'good' GROUP BY ALL HAVING {having}) AS bad
            WHERE kind = 'good' AND {focal} = f AND pi = q
            """
        )


def _refuse_mixed_lists(con: duckdb.DuckDBPyConnection, spec: FlowSpec, ends: Ends) -> None:
    """Refuse the rows of the lists declared under `left_out`.

    Raises Refusal for a list at fault that is not declared, and for one declared that shows no fault.
    """
    found = {key: problem for end in focal_ends(spec) for key, problem in _mixed(con, end)}
    wanted = _wanted(con, spec, ends)
    problems = [problem for (_, code, ordinal), problem in found.items() if (code, ordinal) not in wanted]
    shown = {(code, ordinal) for _, code, ordinal in found}
    problems += [Problem("flow_left_out_sound", text) for key, text in wanted.items() if key not in shown]
    refuse_for(problems)
    for end, code, ordinal in found:
        con.execute(
            f"UPDATE fate SET kind = 'flow_list_left_out' WHERE kind = 'good' AND {end} = $code AND pi = $ordinal",
            {"code": code, "ordinal": ordinal},
        )


def _mixed(con: duckdb.DuckDBPyConnection, focal: str) -> Iterator[tuple[tuple[str, int, int], Problem]]:
    """Every list at fault (end, code, ordinal of the period), and what to say of one that is not declared."""
    rows = con.execute(
        f"""
        WITH figure AS ({_FIGURES.format(focal=focal, other=other_end(focal), name=focal[0])}),
        typical AS (
            SELECT place, pi, median(ratio) AS middle FROM figure WHERE figures = 2 GROUP BY place, pi
        )
        SELECT place, any_value(name), pi, any_value(period), count(*) FILTER (figures = 2),
               count(*) FILTER (figures > 2), any_value(middle), min(row)
        FROM figure JOIN typical USING (place, pi)
        GROUP BY place, pi
        HAVING {CONSTANT}
        ORDER BY place, pi
        """
    ).fetchall()
    for code, text, ordinal, period, pairs, more, ratio, row in rows:
        name, *_ = str(text).split(SEPARATOR)
        found = f"{name} {code}, {period}: {pairs} partners at two figures, {more} at more"
        yield (focal, code, ordinal), Problem("flow_mixed_list", found, f"{ratio:.4g}", name, row=row)


def _wanted(con: duckdb.DuckDBPyConnection, spec: FlowSpec, ends: Ends) -> dict[tuple[int, int], str]:
    """(place, period) declared to be left out, of the periods this file has; what to call each. Raises Refusal."""
    periods = {int(number) for (number,) in con.execute("SELECT ordinal FROM period").fetchall()}
    wanted: dict[tuple[int, int], str] = {}
    for left in spec.left_out:
        end = ends.find(left.place)
        code = given(end.code, end.problem or Problem("flow_no_place"))
        for text in left.periods:
            period = given(parse_period(text), Problem("flow_period", text, "left_out"))
            if period.ordinal in periods:
                wanted[code, period.ordinal] = f"{left.place}, {period.label}"
    return wanted
