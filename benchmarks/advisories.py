"""Known vulnerabilities of the pinned packages, looked up at OSV: `make audit`.

No run asks for them, and nothing but names and versions of published packages is sent, in one request. Ends with 0 if
none is known, 1 if some are, 3 if the list cannot be reached or its answer is not understood: nothing is known then.
MEDPANEL_ADVISORIES names a mirror of OSV's address.
"""

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import Request, urlopen

import bootstrap

OSV = "https://api.osv.dev/v1/querybatch"
FOUND, UNKNOWN = 1, 3
_SECONDS = 30.0
_LONGEST_ANSWER = 16 * 2**20


class Package(NamedTuple):
    """A package as pinned."""

    name: str
    version: str


class UnknownError(RuntimeError):
    """The list of advisories was not reached, or its answer not understood."""


def pinned_packages(requirements: Path) -> list[Package]:
    """Every package of a requirements file."""
    found = re.findall(r"^([\w.-]+)==([^\s;\\]+)", requirements.read_text(encoding="utf-8"), re.MULTILINE)
    return sorted(Package(*one) for one in found)


def advisories(packages: list[Package], address: str) -> dict[Package, list[str]]:
    """Identifiers of what is known of packages that anything is known of. Raises UnknownError."""
    queries = [{"package": {"name": one.name, "ecosystem": "PyPI"}, "version": one.version} for one in packages]
    request = Request(address, json.dumps({"queries": queries}).encode(), {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=_SECONDS) as answer:
            results = json.loads(answer.read(_LONGEST_ANSWER))["results"]
        known = [[str(one["id"]) for one in result.get("vulns", [])] for result in results]
    except (URLError, OSError) as error:
        raise UnknownError(f"{address}: {error}") from None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise UnknownError(f"{address}: the answer is not understood ({error!r})") from None
    if len(known) != len(packages):
        raise UnknownError(f"{address}: {len(known)} answers to {len(packages)} questions")
    return {one: sorted(ids) for one, ids in zip(packages, known, strict=True) if ids}


def main(environment: Mapping[str, str] = os.environ) -> int:
    """Print what is known; the exit code says which of the three it was."""
    files = [bootstrap.PROJECT / name for name in bootstrap.REQUIREMENTS.values()]
    packages = sorted({package for file in files for package in pinned_packages(file)})
    try:
        found = advisories(packages, environment.get("MEDPANEL_ADVISORIES") or OSV)
    except UnknownError as error:
        bootstrap.say(
            f"The list of advisories cannot be reached, so nothing is known of the {len(packages)} packages: {error}\n"
            f"无法访问漏洞名单，{len(packages)}个软件包是否有已知漏洞尚不清楚。"
        )
        return UNKNOWN
    for package, ids in found.items():
        bootstrap.say(f"{package.name} {package.version}: " + ", ".join(f"https://osv.dev/{one}" for one in ids))
    bootstrap.say(
        f"{len(found)} of {len(packages)} pinned packages have known vulnerabilities / "
        f"{len(packages)}个锁定的软件包中{len(found)}个有已知漏洞"
    )
    return FOUND if found else 0


if __name__ == "__main__":
    sys.exit(main())
