"""`notify:` of sources.yaml: whom to tell how a run ended. Telling them: medpanel/notices."""

import ipaddress
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from catalog.base import CatalogError, Strict, read_yaml, refuse, validate

Occasion = Literal["failure", "refusal", "success"]


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Email(Strict):
    """A message by SMTP. `password_env` names the environment variable that holds the password of `user`."""

    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    sender: str = Field(alias="from", min_length=3)
    to: tuple[str, ...] = Field(min_length=1)
    starttls: bool = True
    user: str | None = None
    password_env: str | None = None

    def _consistent(self) -> None:
        broken = [name for name in (self.sender, *self.to) if "@" not in name or any(c in name for c in "\r\n")]
        refuse(
            (broken, "email: {} is no address / 不是邮箱地址"),
            (
                (self.user is None) != (self.password_env is None),
                "email: `user` and `password_env` go together / user 与 password_env 须同时给出",
            ),
            (
                self.user is not None and not self.starttls and not is_loopback(self.host),
                "email: a password is sent over an encrypted connection only; use `starttls: true` / "
                "密码只经加密连接发送，请设 starttls: true",
            ),
        )


class Webhook(Strict):
    """A JSON message posted to a URL: https, or http on this machine."""

    url: str

    def _consistent(self) -> None:
        parts = urlsplit(self.url)
        local = parts.scheme == "http" and is_loopback(parts.hostname or "")
        refuse(
            (
                not parts.hostname or not (parts.scheme == "https" or local),
                f"webhook: {self.url!r} is neither https nor http on this machine / 须为 https，或本机的 http",
            )
        )


class Notify(Strict):
    """Whom to tell, and after which runs. A command is a list of words, run without a shell."""

    command: tuple[str, ...] = ()
    email: Email | None = None
    webhook: Webhook | None = None
    on: tuple[Occasion, ...] = ("failure", "refusal")
    timeout: float = Field(default=30, gt=0, le=600)

    @model_validator(mode="before")
    @classmethod
    def _on_is_a_word(cls, data: Any) -> Any:
        # In YAML 1.1 a bare `on` means true.
        return {"on" if key is True else key: value for key, value in data.items()} if isinstance(data, dict) else data

    def _consistent(self) -> None:
        nobody = not self.command and self.email is None and self.webhook is None
        refuse((nobody, "notify: needs a command, an email or a webhook / 须给出 command、email 或 webhook"))


def load_notify(path: Path) -> Notify | None:
    """`notify:` of a sources.yaml that may be wrong elsewhere: its failing is what somebody must hear of.

    Raises CatalogError if this part is wrong, or the file no YAML.
    """
    content = read_yaml(path) if path.exists() else {}
    declared = content.get("notify") if isinstance(content, dict) else None
    if declared is None:
        return None
    try:
        return validate(Notify, declared, path)
    except CatalogError as error:
        told = str(error).replace(f"{path}: ", f"{path}: notify: ").replace(f"{path}：", f"{path}：notify：")
        raise CatalogError(told) from None
