"""The report at addresses of the UI: its files and nothing beside them, for reading only, in a sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project.links import DOCS, REPORT
from dagster_project.pages import HEADERS
from tests.dagster_project.served import Served, served
from tests.dagster_project.test_guard import ask, own

SECRET = "SECRET of the workspace"


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The UI of a workspace with a published report, private files around it and a link that leads out of it."""
    root = tmp_path_factory.mktemp("工作区")
    publication = root / "publications" / "one"
    page = publication / "report" / "zh" / "synthetic_quality.html"
    page.parent.mkdir(parents=True)
    page.write_text("<!doctype html><meta charset=utf-8><title>数据质量</title>", encoding="utf-8")
    (publication / "report" / "index.html").write_text("chooser", encoding="utf-8")
    (publication / "report" / "site.js").write_text("void 0", encoding="utf-8")
    for path in (root / "secret.txt", publication / "secret.txt"):
        path.write_text(SECRET, encoding="utf-8")
    (publication / "report" / "way_out").symlink_to(root)
    (root / "current").symlink_to("publications/one")
    with served(behind_guard=True, root=root) as made:
        yield made


@pytest.mark.parametrize("before", ["", "/assets", "/assets/mspi/performance_index", "/runs/0"])
def test_a_page_is_reached_by_a_relative_link_from_anywhere(ui: Served, before: str) -> None:
    path = f"{REPORT}/zh/synthetic_quality.html"
    status, text, headers = ask(ui, "GET", f"{ui.start}{before}/{path}")
    if before:
        assert (status, headers["Location"]) == (307, f"{ui.start}/{path}")
        status, text, headers = ask(ui, "GET", headers["Location"])
    assert status == 200 and "数据质量" in text
    assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_folder_shows_its_page_and_types_do_not_depend_on_the_system(ui: Served) -> None:
    assert ask(ui, "GET", f"{ui.start}/{REPORT}/")[1] == "chooser"
    assert ask(ui, "GET", f"{ui.start}/{REPORT}/site.js")[2]["Content-Type"].startswith("text/javascript")
    status, text, headers = ask(ui, "GET", f"{ui.start}/{DOCS}/en/architecture.md")
    assert status == 200 and text.startswith("# ")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "../../../secret.txt",
        "%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "zh/../../secret.txt",
        "zh%2f..%2f..%2fsecret.txt",
        "..%5csecret.txt",
        "....//secret.txt",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "way_out/secret.txt",
        "way_out/publications/one/secret.txt",
        "zh/synthetic_quality.html%00.txt",
        "%ff%fe",
        "no_such_page.html",
        f"../{REPORT}/../secret.txt",
        f"x/../{DOCS}/../README.md",
    ],
)
def test_nothing_beside_the_report_is_read(ui: Served, path: str) -> None:
    status, text, headers = ask(ui, "GET", f"{ui.start}/{REPORT}/{path}")
    if status == 307:
        assert headers["Location"].startswith(f"{ui.start}/@")
        status, text, _ = ask(ui, "GET", headers["Location"])
    assert status == 404 and "没有该页面" in text
    assert SECRET not in text and "root:" not in text


def test_what_is_there_would_be_read_if_it_were_in_the_report(ui: Served) -> None:
    """The control: the link that leads out is there, and so is what it leads to."""
    assert ask(ui, "GET", f"{ui.start}/{REPORT}/site.js")[0] == 200
    assert ask(ui, "GET", f"{ui.start}/{REPORT}/way_out")[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_pages_are_only_read(ui: Served, method: str) -> None:
    assert ask(ui, method, f"{ui.start}/{REPORT}/index.html", "{}", **own(ui))[0] == 405
    status, text, _ = ask(ui, "HEAD", f"{ui.start}/{REPORT}/index.html")
    assert (status, text) == (200, "")


@pytest.mark.parametrize("start", ["", f"/{'0' * 32}"])
def test_nobody_reads_them_without_the_token(ui: Served, start: str) -> None:
    for path in (f"{REPORT}/index.html", f"{DOCS}/en/architecture.md", f"assets/{REPORT}/index.html"):
        assert ask(ui, "GET", f"{start}/{path}")[0] == 403
    assert ask(ui, "GET", f"{ui.start}/{REPORT}/index.html", Host="evil.test")[0] == 403


@pytest.mark.parametrize("path", ["index.html", "no_such_page.html"])
def test_a_page_can_ask_nothing_of_the_ui(ui: Served, path: str) -> None:
    headers = ask(ui, "GET", f"{ui.start}/{REPORT}/{path}")[2]
    for name, value in HEADERS.items():
        assert headers.get_all(name) == [value]
    policy = dict(one.split(" ", 1) for one in HEADERS["Content-Security-Policy"].split("; "))
    assert "allow-same-origin" not in policy["sandbox"]
    # Neither by a request nor by a form; and a page of no origin is refused by the guard besides.
    assert policy["default-src"] == policy["form-action"] == "'none'" and "connect-src" not in policy
    asked = own(ui) | {"Origin": "null"}
    assert ask(ui, "POST", f"{ui.start}/graphql", "{}", **asked)[0] == 403


def test_before_anything_is_published_there_is_no_page() -> None:
    with served(behind_guard=True, root=Path("nothing published")) as ui:
        assert ask(ui, "GET", f"{ui.start}/{REPORT}/index.html")[0] == 404
