"""Which of several machines watches a site: told by its host alone, so that none has to ask."""

from __future__ import annotations

import hashlib
import re
from typing import Any, NamedTuple

import click


class Shard(NamedTuple):
    """The second of five machines: ``Shard(2, 5)``."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def has(self, host: str) -> bool:
        """Tell whether a host belongs to this machine."""
        return owner(host, self.of) == self.number


def owner(host: str, of: int) -> int:
    """Return the machine of a host, from 1 on.

    The one that draws the highest number (rendezvous hashing, Thaler and Ravishankar 1998): with a
    machine more, only hosts that go to it move. A host stays in one place, so that one process
    keeps the distance between its requests.
    """
    return max(range(1, of + 1), key=lambda number: _drawn(host, number))


def _drawn(host: str, number: int) -> bytes:
    return hashlib.sha256(f"{number} {host}".encode()).digest()


class ShardType(click.ParamType[Shard]):
    """A shard as it is typed: 2/5."""

    name = "分片"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Shard:
        """Return the shard, or fail with the form it must have."""
        if isinstance(value, Shard):
            return value
        if not re.fullmatch(r"[1-9]\d{0,3}/[1-9]\d{0,3}", value):
            self.fail(f"{value!r} 应写作 2/5：共五台机器，这是第二台", param, ctx)
        number, of = map(int, value.split("/"))
        if number > of:
            self.fail(f"{value}：共 {of} 台机器，没有第 {number} 台", param, ctx)
        return Shard(number, of)
