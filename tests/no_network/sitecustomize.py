"""Refuses and notes every connection beyond this machine, in the Python process that finds this file on its path.

Python imports a module of this name when it starts, so that all processes a test starts are watched, whatever they run.
tests/conftest.py puts the folder on the path and fails the test. What is no Python is watched by `make offline`.
"""

import errno
import os
import sys

NOTES = "MEDPANEL_TEST_CONNECTIONS"
_WATCHED = ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.sendmsg")
_HERE = ("127.", "::1", "localhost")


def _leads_away(event: str, arguments: tuple[object, ...]) -> bool:
    """Whether an address is that of another machine; paths of Unix sockets are not."""
    address = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
    host = address[0] if isinstance(address, tuple) and address else address
    if event != "socket.getaddrinfo" and not isinstance(address, tuple):
        return False
    text = host.decode("utf-8", "replace") if isinstance(host, bytes) else str(host or "localhost")
    return not text.startswith(_HERE)


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _WATCHED or not _leads_away(event, arguments):
        return
    path = os.environ.get(NOTES)
    if path:
        # By the file's number: what is opened here would be watched again, and no test's own `open` is to be met.
        note = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(
            note, f"{event} {arguments[-1] if event != 'socket.getaddrinfo' else arguments[0]} {sys.argv}\n".encode()
        )
        os.close(note)
    raise OSError(errno.ENETUNREACH, "tests connect to nothing beyond this machine")


if not hasattr(sys, "_medpanel_watched"):
    sys._medpanel_watched = True  # type: ignore[attr-defined]
    sys.addaudithook(_watch)
