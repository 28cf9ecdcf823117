"""The indices of one store: versioned, behind aliases, leads in one index for each city bureau."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from leads.store import Part, StoreError
from leads.store.elastic import mapping
from leads.store.elastic.faults import kind

OTHER = "other"
"""Stands for the bureau of leads that no bureau is responsible for."""

_NAME = r"(?P<alias>{prefix}-(?P<part>[a-z]+)(?:-(?:\d{{6}}|other))?)-v(?P<number>\d+)"


@dataclass(frozen=True, slots=True)
class Index:
    """One index of ours, found on the cluster."""

    name: str
    alias: str
    """By which it is read and written; for leads that of its bureau."""
    part: Part
    version: int
    """Of the mapping it was made with."""
    number: int
    """Counts the times it was built anew."""
    serves: bool
    """Whether the alias points to it."""


class Indices:
    """What is there under one prefix."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self.client = client
        self.prefix = prefix
        self.all: list[Index] = []
        self.behind: dict[str, Index] = {}
        """The index that serves, by alias."""
        self._templates = False
        """Whether we know the templates to be there."""

    def load(self) -> None:
        """Ask the cluster what is there.

        Raises:
            StoreError: an index has one of our names, but is none of ours.
        """
        answer = self.client.indices.get(
            index=f"{self.prefix}-*",
            features=["aliases", "mappings"],
            filter_path=["*.aliases", "*.mappings._meta"],
        )
        found = (self._index(name, told) for name, told in answer.items())
        self.all = [index for index in found if index]
        self.behind = {index.alias: index for index in self.all if index.serves}

    def _index(self, name: str, told: dict[str, dict[str, dict[str, object]]]) -> Index | None:
        match = re.fullmatch(_NAME.format(prefix=re.escape(self.prefix)), name)
        if match is None or match["part"] not in list(Part):
            return None
        meta = told.get("mappings", {}).get("_meta", {})
        if meta.get("part") != match["part"] or not isinstance(meta.get("version"), int):
            raise StoreError(
                f"索引 {name} 不是本程序建立的，结构不同；请换一个索引前缀，或移走该索引"
            )
        return Index(
            name,
            match["alias"],
            Part(match["part"]),
            int(str(meta["version"])),
            int(match["number"]),
            match["alias"] in told.get("aliases", {}),
        )

    def outdated(self) -> list[Index]:
        """Return the serving indices whose mapping is older than ours.

        Raises:
            StoreError: one is newer.
        """
        serving = list(self.behind.values())
        newest = max((index.version for index in serving), default=0)
        if newest > mapping.version():
            raise StoreError(
                f"索引由更新版本的程序建立（结构版本 {newest}，本程序最高支持"
                f" {mapping.version()}），请升级程序"
            )
        return [index for index in serving if index.version < mapping.version()]

    def of(self, part: Part) -> list[Index]:
        """Return the serving indices of a part."""
        return [index for index in self.behind.values() if index.part is part]

    def alias(self, part: Part, bureau: str | None = None) -> str:
        """Return the alias of a part, or of one bureau's leads."""
        return f"{self.prefix}-{part.value}" + (f"-{bureau}" if bureau else "")

    def ensure(self, part: Part, bureau: str | None = None) -> str:
        """Return the alias to write to, making its index when there is none."""
        alias = self.alias(part, bureau)
        if alias not in self.behind:
            self.set_templates()
            name = self.create(part, alias, 1, serves=True)
            self.behind[alias] = Index(name, alias, part, mapping.version(), 1, serves=True)
        return alias

    def create(self, part: Part, alias: str, number: int, *, serves: bool) -> str:
        """Make an index, behind its aliases if it ``serves``; return its name."""
        name = f"{alias}-v{number}"
        aliases: dict[str, Any] = {each: {} for each in self.aliases(part, alias)} if serves else {}
        try:
            self.client.indices.create(index=name, aliases=aliases)
        except ApiError as error:
            if kind(error) != "resource_already_exists_exception":  # another process was faster
                raise
        return name

    def aliases(self, part: Part, alias: str) -> list[str]:
        """Return every alias of an index: leads have one of the bureau and one of all."""
        return list(dict.fromkeys([alias, self.alias(part)]))

    def set_templates(self) -> bool:
        """Write the templates unless the cluster has them; return whether it was necessary."""
        if self._templates:
            return False
        self._templates = True
        name, body = mapping.component(self.prefix)
        found = self.client.options(ignore_status=404).cluster.get_component_template(
            name=name, filter_path="component_templates.component_template._meta"
        )
        versions = [
            one["component_template"]["_meta"]["version"]
            for one in found.body.get("component_templates", [])
        ]
        if versions and versions[0] >= mapping.version() and self._part_templates() >= set(Part):
            return False
        self.client.cluster.put_component_template(
            name=name, template=body["template"], meta=body["_meta"]
        )
        for part in Part:
            name, body = mapping.template(self.prefix, part)
            self.client.indices.put_index_template(
                name=name,
                index_patterns=body["index_patterns"],
                composed_of=body["composed_of"],
                priority=body["priority"],
                template=body["template"],
                meta=body["_meta"],
            )
        return True

    def _part_templates(self) -> set[str]:
        """Return the parts whose template the cluster has: an older program knew fewer."""
        found = self.client.options(ignore_status=404).indices.get_index_template(
            name=f"{self.prefix}-*", filter_path="index_templates.name"
        )
        names = [str(one["name"]) for one in found.body.get("index_templates", [])]
        return {name.removeprefix(f"{self.prefix}-") for name in names}


def bureau_of(routes: tuple[str, ...]) -> str:
    """Return the bureau in whose index a lead lies: the first that is responsible."""
    return routes[0] if routes and re.fullmatch(r"\d{6}", routes[0]) else OTHER
