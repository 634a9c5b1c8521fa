"""What becomes of each figure of a table of flows: loaded, refused or set aside, and why.

Works on the temporary table `raw` (seq, row, cell, o, d, w, p: all but seq and row are texts) and leaves the table
`fate` (the same, with codes, value, period and kind). Making `raw`: rows.py; sums of what is loaded: sums.py.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from catalog.declarations.flow import FlowSpec
from ingestion.problems import Problem, Refusal
from ingestion.readers.flows.ends import Ends
from ingestion.readers.flows.mixed_lists import refuse_mixed_lists
from ingestion.readers.flows.periods import EXPECTED, Period, parse_period
from ingestion.vocabulary.numbers import parse_number

# Kinds that are no fault of a row; all others but `good` are refused (report.py).
SET_ASIDE = ("blank", "outside", "province", "missing", "self_loop", "repeat")
# A share of contradicting rows no mistake in single rows explains.
STACKED = 0.1
# Lists of shares may sum to a little more than 100 by rounding.
PERCENT_SLACK = 0.5
_PLAIN = r"[+-]?(\d{1,17}\.?\d{0,20}|\.\d{1,20})([eE][+-]?\d{1,2})?"


def assign_fates(con: duckdb.DuckDBPyConnection, spec: FlowSpec, by_name: bool, loops: bool = False) -> Ends:
    """Make `fate` out of `raw`. Raises Refusal for a file whose periods or whose pairs contradict one another.

    loops: the rows are of one place each, whose both ends are that place.
    """
    years = _periods(con)
    ends = Ends(spec.level, years, by_name)
    _places(con, ends)
    _odd_numbers(con, spec)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE fate AS
        WITH typed AS (
            SELECT raw.*, a.code AS oc, b.code AS dc, a.kind AS ok, b.kind AS dk,
                   period.ordinal AS pi, period.year AS py, period.label AS pl, odd.kind AS nk,
                   CASE WHEN regexp_full_match(w, '{_PLAIN}') THEN CAST(w AS DOUBLE) ELSE odd.value END AS v
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
    refuse_mixed_lists(con, spec, ends)
    if spec.repeated == "reject":
        _repeats(con)
    if spec.direction != "both":
        _lists(con, spec)
    if spec.scaled:
        con.execute(
            f"""
            UPDATE fate SET kind = 'flow_no_scale' WHERE kind = 'good'
            AND NOT EXISTS (FROM scale WHERE scale.code = {focal_end(spec)} AND scale.ordinal = pi)
            """
        )
    return ends


def focal_end(spec: FlowSpec) -> str:
    """The column of `fate` with the place whose list a row belongs to."""
    return "dc" if spec.direction == "in" else "oc"


def _texts(con: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return sorted(str(row[0]) for row in con.execute(query).fetchall())


def _periods(con: duckdb.DuckDBPyConnection) -> list[int]:
    """Table `period`; the years it spans, in order."""
    texts = _texts(con, "SELECT DISTINCT p FROM raw WHERE NOT (o = '' AND d = '' AND w = '')")
    found: list[tuple[str, Period]] = [(text, each) for text in texts if (each := parse_period(text)) is not None]
    kinds = sorted({each.kind for _, each in found})
    if len(kinds) > 1:
        examples = ", ".join(next(text for text, each in found if each.kind == kind) for kind in kinds)
        raise Refusal(Problem("flow_period_mixed", examples))
    if texts and not found:
        raise Refusal(Problem("flow_period", texts[0][:60], EXPECTED))
    table = pa.table(
        {
            "text": pa.array([text for text, _ in found], pa.string()),
            "ordinal": pa.array([each.ordinal for _, each in found], pa.int64()),
            "year": pa.array([each.year for _, each in found], pa.int32()),
            "label": pa.array([each.label for _, each in found], pa.string()),
        }
    )
    _create(con, "period", table)
    return sorted({each.year for _, each in found})


def _places(con: duckdb.DuckDBPyConnection, ends: Ends) -> None:
    """Table `place`: every distinct end."""
    found = [ends.find(text) for text in _texts(con, "SELECT o FROM raw UNION SELECT d FROM raw")]
    table = pa.table(
        {
            "text": pa.array([end.text for end in found], pa.string()),
            "code": pa.array([end.code for end in found], pa.int32()),
            "kind": pa.array([end.kind for end in found], pa.string()),
        }
    )
    _create(con, "place", table)


def _odd_numbers(con: duckdb.DuckDBPyConnection, spec: FlowSpec) -> None:
    """Table `odd`: figures not written plainly (1,234 or 12%), missing marks and texts that are no numbers."""
    texts = _texts(con, f"SELECT DISTINCT w FROM raw WHERE NOT regexp_full_match(w, '{_PLAIN}')")
    values: list[float | None] = []
    kinds: list[str] = []
    for text in texts:
        try:
            number = parse_number(text, percent=spec.unit == "percent")
        except ValueError:
            values.append(None)
            kinds.append("bad")
            continue
        values.append(None if number is None else float(number))
        kinds.append("missing" if number is None else "good")
    columns = {
        "text": pa.array(texts, pa.string()),
        "value": pa.array(values, pa.float64()),
        "kind": pa.array(kinds, pa.string()),
    }
    _create(con, "odd", pa.table(columns))


def _create(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    con.register("incoming", table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM incoming")
    con.unregister("incoming")


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
    refuse_stacked(con)
    con.execute(
        """
        UPDATE fate SET kind = CASE WHEN twice.figures > 1 THEN 'flow_contradiction' ELSE 'repeat' END
        FROM twice
        WHERE kind = 'good' AND fate.oc = twice.oc AND fate.dc = twice.dc AND fate.pi = twice.pi
          AND (twice.figures > 1 OR fate.seq > twice.first)
        """
    )


def refuse_stacked(con: duckdb.DuckDBPyConnection) -> None:
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
    found = f"{pairs:,} pairs of {rows:,} rows stand more than once with different figures"
    if mirrored >= STACKED * pairs:
        found += f"; {mirrored:,} of them have a figure that comes back at the pair the other way round"
        raise Refusal(Problem("flow_stacked", found))
    raise Refusal(Problem("flow_many_contradictions", found))


def _lists(con: duckdb.DuckDBPyConnection, spec: FlowSpec) -> None:
    """Refuse lists longer than the service makes them, and shares that sum to more than the whole."""
    focal = focal_end(spec)
    _refuse_lists(con, focal, f"count(*) > {spec.longest}", "flow_list_too_long")
    if spec.unit == "percent":
        _refuse_lists(con, focal, f"sum(v ORDER BY seq) > {100 + PERCENT_SLACK}", "flow_shares_over_100")


def _refuse_lists(con: duckdb.DuckDBPyConnection, focal: str, having: str, kind: str) -> None:
    con.execute(
        f"""
        UPDATE fate SET kind = '{kind}'
        FROM (SELECT {focal} AS f, pi AS q FROM fate WHERE kind = 'good' GROUP BY ALL HAVING {having}) AS bad
        WHERE kind = 'good' AND {focal} = f AND pi = q
        """
    )
