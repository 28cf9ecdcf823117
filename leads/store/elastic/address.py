"""Where a store in Elasticsearch is, and as whom it is opened."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from leads.store import StoreError

PREFIX = "markwatch"
"""What the names of all indices begin with, unless the address ends in another word."""

_FORM = "应为 http(s)://主机:端口/索引前缀"


@dataclass(frozen=True, slots=True)
class Address:
    """``http(s)://[USER:PASSWORD@]HOST:PORT[/PREFIX]``, with secrets from it or the environment."""

    host: str
    """Scheme, host and port."""
    prefix: str = PREFIX
    login: tuple[str, str] | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    authority: str | None = None
    """File of the certificates that vouch for the cluster's."""

    def __str__(self) -> str:
        """Return the address as it may be shown: without secrets."""
        return f"{self.host}/{self.prefix}"


def parse_address(url: str) -> Address:
    """Read an address; ``MARKWATCH_ELASTIC_USER``, ``_PASSWORD``, ``_API_KEY``, ``_CA`` add to it.

    Raises:
        StoreError: it is malformed; the message never repeats a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 9200)
    except ValueError as error:
        raise StoreError(f"存储地址有误：{_FORM}") from error
    prefix = parts.path.strip("/") or PREFIX
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise StoreError(f"存储地址有误：{_FORM}")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,99}", prefix):
        raise StoreError(f"索引前缀“{prefix}”只能用小写字母、数字、“-”和“_”")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Address(
        f"{parts.scheme}://{host}:{port}",
        prefix,
        _login(unquote(parts.username or ""), unquote(parts.password or "")),
        os.environ.get("MARKWATCH_ELASTIC_API_KEY") or None,
        os.environ.get("MARKWATCH_ELASTIC_CA") or None,
    )


def _login(user: str, password: str) -> tuple[str, str] | None:
    user = user or os.environ.get("MARKWATCH_ELASTIC_USER", "")
    password = password or os.environ.get("MARKWATCH_ELASTIC_PASSWORD", "")
    return (user, password) if user else None
