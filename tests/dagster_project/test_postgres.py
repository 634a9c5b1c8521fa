"""Where Dagster keeps its records: files unless an address is set, and addresses a password may not be sent to."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from catalog.base import CatalogError
from dagster_project import postgres
from dagster_project.home import prepare_dagster_home
from medpanel.runs.workspace import Workspace

SECRET = "s3cret-of-the-office"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (postgres.VARIABLE, "PGHOST", "PGHOSTADDR", "PGSSLMODE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql:///medpanel?host=/var/run/postgresql",
        "postgresql:///medpanel",
        f"postgresql://office:{SECRET}@localhost:5433/medpanel",
        f"postgresql://office:{SECRET}@127.0.0.1/medpanel",
        f"postgresql://office:{SECRET}@[::1]/medpanel",
        f"postgresql://office:{SECRET}@db.example.org/medpanel?sslmode=verify-full&sslrootcert=/etc/ssl/office.pem",
    ],
)
def test_this_machine_and_verified_tls_are_accepted(address: str) -> None:
    url = postgres.accepted(address)
    assert (url.database, url.drivername) == ("medpanel", "postgresql+psycopg2")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"postgresql://office:{SECRET}@db.example.org/medpanel", "beyond this machine"),
        (f"postgresql://office:{SECRET}@192.0.2.7/medpanel?sslmode=require", "found sslmode=require"),
        (f"postgresql://office:{SECRET}@localhost/medpanel?hostaddr=192.0.2.7", r"192\.0\.2\.7"),
        (f"postgresql://office:{SECRET}@/medpanel?host=/run,db.example.org", "db.example.org"),
        (f"postgresql://localhost/medpanel?password={SECRET}", "pgpass"),
        ("postgresql://localhost/medpanel?service=office", "service"),
        (f"postgresql://office:{SECRET}@localhost/", "names no database"),
        (f"mysql://office:{SECRET}@localhost/medpanel", "names mysql"),
        (SECRET, "no address of a database"),
        (f"postgresql://office:{SECRET}@localhost:port/medpanel", "no address of a database"),
    ],
)
def test_every_other_address_is_refused_without_its_password(address: str, said: str) -> None:
    with pytest.raises(CatalogError, match=said) as refused:
        postgres.accepted(address)
    assert SECRET not in str(refused.value)
    assert any("\u4e00" <= char <= "\u9fff" for char in str(refused.value))


def test_a_host_from_the_environment_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example.org")
    with pytest.raises(CatalogError, match="beyond this machine"):
        postgres.accepted("postgresql:///medpanel")
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    postgres.accepted("postgresql:///medpanel")


def test_records_are_kept_in_files_unless_an_address_is_set(tmp_path: Path) -> None:
    settings = yaml.safe_load((prepare_dagster_home(Workspace.at(tmp_path)) / "dagster.yaml").read_bytes())
    assert settings["event_log_storage"]["class"] == "KeptConnections"
    assert settings["concurrency"] == {"runs": {"max_concurrent_runs": 1}}
    assert settings["telemetry"] == {"enabled": False}
    assert "storage" not in settings


def test_with_an_address_the_settings_name_the_variable_and_not_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(postgres.VARIABLE, f"postgresql://office:{SECRET}@localhost/medpanel")
    monkeypatch.setattr(postgres, "claim", lambda address, home: address)
    workspace = Workspace.at(tmp_path)
    text = (prepare_dagster_home(workspace) / "dagster.yaml").read_text(encoding="utf-8")
    settings = yaml.safe_load(text)
    assert settings["storage"] == {"postgres": {"postgres_url": {"env": postgres.VARIABLE}}}
    assert settings["concurrency"] == {"runs": {"max_concurrent_runs": 1}} and "event_log_storage" not in settings
    assert SECRET not in text
    # Somebody who starts a run without the service's settings must not begin a second history in silence.
    monkeypatch.delenv(postgres.VARIABLE)
    with pytest.raises(CatalogError, match=f"{postgres.VARIABLE} is not set"):
        prepare_dagster_home(workspace)
    (workspace.dagster_home / "dagster.yaml").unlink()
    assert "KeptConnections" in (prepare_dagster_home(workspace) / "dagster.yaml").read_text(encoding="utf-8")


def test_without_the_packages_it_is_said_how_to_install_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CatalogError, match="make setup-office"):
        postgres.claim("postgresql:///medpanel", tmp_path)
