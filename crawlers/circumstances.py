"""Under what circumstances captures are taken: machine, tools, config and clock."""

from __future__ import annotations

import hashlib
import os
import platform
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from evidence import sealing
from evidence.clock import check
from leads.model import Session

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_TOOLS = ("markwatch", "scrapy", "twisted", "pyOpenSSL")


def machine_session(crawler: Crawler) -> Session:
    """Return the circumstances of a crawl that begins; asks the time server, if there is one."""
    settings = crawler.settings
    config = Path(settings["MARKWATCH_CONFIG"])
    return Session(
        mode="machine",
        purpose="网络市场监测：采集商品网页及其图片",
        begun_at=datetime.now(UTC),
        clock=check(sealing.load(config).ntp),
        environment=(
            *environment(_TOOLS, config),
            ("访问者标识", settings["USER_AGENT"]),
            ("证书校验", "校验" if settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES") else "不校验"),
            ("代理", "无"),
            ("登录", "未登录，不保存 Cookie"),
        ),
    )


def environment(tools: Sequence[str], config: Path) -> tuple[tuple[str, str], ...]:
    """Return what machine, system, tools and config are used, as officers read it."""
    return (
        ("计算机", platform.node()),
        ("操作系统", platform.platform()),
        ("Python", platform.python_version()),
        ("OpenSSL", ssl.OPENSSL_VERSION),
        *((tool, version(tool)) for tool in tools),
        ("配置的 SHA-256", _digest(config)),
    )


def _digest(folder: Path) -> str:
    """Return one digest over names and contents of all files of the config."""
    whole = hashlib.sha256()
    for path in sorted(
        Path(folder, name) for folder, _, names in os.walk(folder) for name in names
    ):
        name = path.relative_to(folder).as_posix().encode(errors="surrogateescape")
        whole.update(hashlib.sha256(name).digest() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()
