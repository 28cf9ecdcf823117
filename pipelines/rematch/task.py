"""What is to be matched again and against what: all a worker has to know, wherever it runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

import leads
import matchers
from leads.exclusions import Exclusion
from leads.registry import Registry
from pipelines.crowds import MOST_SELLERS

_CODE = (".py", ".toml", ".txt")


@cache
def revision() -> str:
    """Return what changes with every change of the code and tables that leads depend on."""
    digest = hashlib.sha256()
    for package in (leads, matchers):
        folder = Path(str(package.__file__)).parent
        for file in sorted(folder.rglob("*")):
            if file.suffix in _CODE and "store" not in file.relative_to(folder).parts:
                digest.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Task:
    """One rematch.

    Args:
        store: its address.
        registry: what is watched.
        found_at: when leads are found.
        exclusions: all that were ever made.
        rights: only leads of these; of all, if empty.
        since: only listings seen then or later.
        sellers: of references seen at too many sellers for a night, the sellers.
    """

    store: str
    registry: Registry
    found_at: datetime
    exclusions: Sequence[Exclusion] = ()
    rights: tuple[str, ...] = ()
    since: datetime | None = None
    sellers: Mapping[str, Collection[str]] = field(default_factory=dict)
    touching: frozenset[str] = frozenset()
    """Digests of the pictures that may touch ``rights``; set before listings are matched."""
    revision: str = field(default_factory=revision)

    @property
    def narrow(self) -> bool:
        """Whether only some rights are asked about, all of them watched."""
        return bool(self.rights) and self.registry.rights.keys() >= set(self.rights)

    def asks(self, right: str) -> bool:
        """Tell whether a right is asked about."""
        return not self.rights or right in self.rights

    @property
    def digest(self) -> str:
        """Return what changes with anything that leads depend on but the archive itself."""
        said = [
            self.store,
            self.registry.model_dump_json(),
            [one.model_dump_json() for one in self.exclusions],
            sorted(self.rights),
            self.since and self.since.isoformat(),
            {source: sorted(self.sellers[source]) for source in sorted(self.sellers)},
            self.revision,
        ]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def crowded(sellers: Mapping[str, Collection[str]]) -> dict[str, Collection[str]]:
    """Return the references that were seen at too many sellers to accuse by themselves."""
    return {source: seen for source, seen in sellers.items() if len(seen) > MOST_SELLERS}
