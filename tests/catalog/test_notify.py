"""What may be declared under `notify:`, and what is refused by name."""

from pathlib import Path

import pytest

from catalog.base import CatalogError
from catalog.declarations.loading import load_sources
from catalog.declarations.notify import Notify, load_notify

WHOLE = """data_kind: synthetic
studies: []
vintages: [v]
files:
  - {match: '*', vintage: v, publisher: p, licence: l, accessed: 2026-01-01}
"""
NOTIFY = """notify:
  on: [failure, success]
  command: [notify-send, medpanel]
  email: {host: smtp.example.org, from: a@example.org, to: [b@example.org], user: a, password_env: SMTP_PASSWORD}
  webhook: {url: "https://example.org/hook"}
"""


def test_it_is_part_of_the_declaration(tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(WHOLE + NOTIFY, encoding="utf-8")
    sources, _ = load_sources(path)
    assert sources.notify is not None
    # A bare `on` is true in YAML, and means the word here.
    assert sources.notify.on == ("failure", "success")
    assert sources.notify == load_notify(path)


def test_it_is_read_from_a_declaration_that_is_wrong_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(f"data_kind: neither\n{NOTIFY}", encoding="utf-8")
    with pytest.raises(CatalogError, match="data_kind"):
        load_sources(path)
    assert isinstance(load_notify(path), Notify)
    assert load_notify(tmp_path / "none.yaml") is None


@pytest.mark.parametrize(
    ("notify", "said"),
    [
        ("{}", "needs a command"),
        ("{on: [failure]}", "needs a command"),
        ("{command: [a], on: [sometimes]}", "on.0"),
        ("{command: [a], timeout: 0}", "timeout"),
        ("{command: a}", "command"),
        ("{sms: 123}", "sms"),
        ('{webhook: {url: "http://example.org"}}', "neither https"),
        ('{webhook: {url: "ftp://localhost"}}', "neither https"),
        ('{webhook: {url: "https://"}}', "neither https"),
        ("{email: {host: h, from: nobody, to: [a@b]}}", "nobody is no address"),
        ("{email: {host: h, from: a@b, to: []}}", "email.to"),
        ('{email: {host: h, from: a@b, to: ["c@d\\nBcc: e@f"]}}', "is no address"),
        ("{email: {host: h, from: a@b, to: [c@d], user: u}}", "go together"),
        ("{email: {host: h, from: a@b, to: [c@d], user: u, password_env: P, starttls: false}}", "encrypted"),
        ("{email: {host: h, from: a@b, to: [c@d], password: secret}}", "password"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, notify: str, said: str) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(f"notify: {notify}\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"sources\.yaml: notify: ") as caught:
        load_notify(path)
    assert said in str(caught.value)
