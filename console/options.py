"""Options that several commands share, and where things are by default."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from leads.ledger import Ledger

F = TypeVar("F", bound=Callable[..., Any])


def config_option(command: F) -> F:
    """``--config DIR``: what is watched, where, and who receives it."""
    return click.option(
        "--config",
        envvar="MARKWATCH_CONFIG",
        type=click.Path(exists=True, file_okay=False),
        help="配置目录（默认 ./config）。",
    )(command)


def store_option(command: F) -> F:
    """``--store URL``."""
    return click.option(
        "--store",
        envvar="MARKWATCH_STORE",
        default="sqlite:///var/markwatch.db",
        show_default=True,
        help="线索库地址。",
    )(command)


def vault_option(command: F) -> F:
    """``--vault DIR``."""
    return click.option(
        "--vault",
        envvar="MARKWATCH_VAULT",
        default="var/vault",
        show_default=True,
        type=click.Path(file_okay=False),
        help="证据库目录。",
    )(command)


def nights_option(command: F) -> F:
    """``--nights DIR``."""
    return click.option(
        "--nights",
        envvar="MARKWATCH_NIGHTS",
        default="var/nights",
        show_default=True,
        type=click.Path(file_okay=False, path_type=Path),
        help="夜间采集的记录所在目录。",
    )(command)


def ledger_option(command: F) -> F:
    """``--ledger FILE``; see :func:`open_ledger`."""
    return click.option(
        "--ledger",
        envvar="MARKWATCH_LEDGER",
        type=click.Path(dir_okay=False),
        help="采集台账文件（默认与 SQLite 线索库在同一目录，否则为 var/ledger.db）。",
    )(command)


def open_ledger(path: str | None, store: str) -> Ledger:
    """Open the ledger of a store: the one named, else ``ledger.db`` beside a store that is a file.

    Raises:
        StoreError: it cannot be opened, is damaged, or of a newer version.
    """
    scheme, _, file = store.partition(":///")
    folder = Path(file).parent if scheme == "sqlite" else Path("var")
    return Ledger(path or folder / "ledger.db", store)


class Text(click.ParamType[str]):
    """Words that can be kept; a terminal in GBK gives bytes that are none."""

    name = "文字"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the words, or fail where they are no UTF-8."""
        try:
            value.encode()
        except UnicodeEncodeError:
            self.fail(f"{value!r} 不是 UTF-8 编码的文字", param, ctx)
        return value


class Day(click.ParamType[date]):
    """A day written 2026-11-22, from 1900 on."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day, or fail with the form it must have."""
        if isinstance(value, date):
            return value
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} 不是日期，应写作 2026-11-22", param, ctx)
        if day.year < 1900:
            self.fail(f"{value!r} 早于 1900 年", param, ctx)
        return day


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
