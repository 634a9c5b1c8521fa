"""Dagster's records in PostgreSQL, for an office: which addresses are accepted, and one database for one workspace.

Belongs here: judging the address and asking the server once before Dagster does. The address comes from the environment
and goes nowhere else: no message repeats more of it than host, port and database. What is kept there: Dagster.
"""

import importlib.util
import ipaddress
import os
import uuid
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from catalog.base import CatalogError, refuse

VARIABLE = "MEDPANEL_DAGSTER_POSTGRES"
# The driver dagster-postgres brings; SQLAlchemy would look for another.
_DRIVER = "postgresql+psycopg2"
_ID = "workspace.id"
_CONNECT_SECONDS = 10
# The one row says whose records these are.
_CLAIM = (
    "CREATE TABLE IF NOT EXISTS medpanel_workspace "
    "(one boolean PRIMARY KEY DEFAULT true CHECK (one), id text NOT NULL)",
    "INSERT INTO medpanel_workspace (id) VALUES (:id) ON CONFLICT DO NOTHING",
)


def claim(address: str, home: Path) -> str:
    """Reach the database and make it the workspace's own, whose Dagster folder is `home`; the address for Dagster.

    Raises CatalogError where the address is not accepted, nobody answers, or the records are another workspace's.
    """
    refuse(
        (
            importlib.util.find_spec("dagster_postgres") is None,
            f"{VARIABLE} is set, but the packages for PostgreSQL are not installed: run `make setup-office` (Windows: "
            "py bootstrap.py setup-office) / 已设置该变量，但未安装 PostgreSQL 所需的包，请运行 make setup-office",
        ),
        error=CatalogError,
    )
    url = accepted(address)
    mine = _own_id(home)
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"connect_timeout": _CONNECT_SECONDS})
    try:
        with engine.begin() as connection:
            for statement in _CLAIM:
                connection.execute(sa.text(statement), {"id": mine} if ":id" in statement else {})
            found = str(connection.execute(sa.text("SELECT id FROM medpanel_workspace")).scalar_one())
    except sa.exc.SQLAlchemyError as error:
        raise CatalogError(_unreachable(url, error)) from None
    refuse(
        (
            found != mine,
            f"{told(url)} keeps the records of another workspace (its {_ID} is {found}, ours in {home} is {mine}). "
            "Each workspace needs a database of its own: createdb another and name it in "
            f"{VARIABLE} / 该数据库保存的是另一工作区的记录；每个工作区须有自己的数据库，请另建并写入该变量",
        ),
        error=CatalogError,
    )
    return url.render_as_string(hide_password=False)


def accepted(address: str) -> URL:
    """The address, parsed. Raises CatalogError unless it is PostgreSQL's, on this machine or by verified TLS."""
    try:
        url = make_url(address)
    except (sa.exc.ArgumentError, ValueError):
        raise CatalogError(
            f"{VARIABLE} is no address of a database; expected postgresql://USER@HOST/DATABASE or "
            "postgresql:///DATABASE?host=/var/run/postgresql / 不是数据库地址，应如上"
        ) from None
    query = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    tls = query.get("sslmode", os.environ.get("PGSSLMODE", ""))
    away = [host for host in _hosts(url, query) if not _is_local(host)]
    refuse(
        (
            url.get_backend_name() != "postgresql",
            f"{VARIABLE} names {url.get_backend_name()}, expected postgresql:// / 应以 postgresql:// 开头",
        ),
        (not url.database, f"{VARIABLE} names no database: {told(url)} / 未写明数据库名"),
        (
            "password" in query or "service" in query,
            f"{VARIABLE}: a password belongs between user and @, or into ~/.pgpass; a service is not accepted / "
            "密码请写在用户名与 @ 之间或 ~/.pgpass 中；不接受 service",
        ),
        (
            bool(away) and tls != "verify-full",
            f"{VARIABLE} leads to {', '.join(away)}, beyond this machine, without verified TLS: add "
            f"?sslmode=verify-full&sslrootcert=FILE (found sslmode={tls or 'none'}), or use a server on this machine / "
            "该地址不在本机且未验证 TLS，请加上述参数，或使用本机服务器",
        ),
        error=CatalogError,
    )
    return url.set(drivername=_DRIVER)


def told(url: URL) -> str:
    """As much of an address as may be said."""
    host = url.host or url.query.get("host") or "this machine"
    return f"{host}{f':{url.port}' if url.port else ''}/{url.database or ''}"


def _hosts(url: URL, query: dict[str, str]) -> list[str]:
    """Every place the address, or the environment where it is silent, may lead to."""
    named = [value for value in (url.host, query.get("host"), query.get("hostaddr")) if value]
    if not named:
        named = [value for name in ("PGHOST", "PGHOSTADDR") if (value := os.environ.get(name))]
    return [host for value in named for host in value.split(",")]


def _is_local(host: str) -> bool:
    if host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _own_id(home: Path) -> str:
    """What tells this workspace from others: it moves with the folder, and a backup brings it back."""
    path = home / _ID
    if not path.exists():
        fresh = path.with_name(f"{_ID}.{os.getpid()}.tmp")
        fresh.write_text(uuid.uuid4().hex, encoding="utf-8")
        fresh.replace(path)
    return path.read_text(encoding="utf-8").strip()


def _unreachable(url: URL, error: sa.exc.SQLAlchemyError) -> str:
    said = str(getattr(error, "orig", None) or error).strip()
    return (
        f"PostgreSQL at {told(url)} cannot be used: {said}\nIs the server running, and does the database exist and "
        f"belong to this user? Nothing published is affected. / 无法使用该 PostgreSQL：请检查服务是否运行、"
        "数据库是否存在且属于该用户。已发布的内容不受影响。"
    )
