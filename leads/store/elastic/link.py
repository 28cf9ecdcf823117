"""The connection to the cluster: who answers, what it means when it refuses, what was refreshed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from elastic_transport.client_utils import DEFAULT
from elasticsearch import Elasticsearch

from leads.store import Part, StoreError
from leads.store.elastic.address import Address, parse_address
from leads.store.elastic.faults import BUSY, FAULTS, meaning
from leads.store.elastic.indices import Indices

OLDEST = 9
"""Major version of Elasticsearch."""
_START = "30s"
_PATIENCE = 60
"""Seconds for one answer."""


def connect(address: Address) -> Elasticsearch:
    """Return a client that waits a little where the cluster is busy."""
    # It tells of every try, with a traceback; what matters of it we say ourselves.
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)
    return Elasticsearch(
        address.host,
        basic_auth=address.login,
        api_key=address.api_key,
        ca_certs=address.authority or DEFAULT,
        request_timeout=_PATIENCE,
        max_retries=4,
        retry_backoff_base=0.2,
        retry_backoff_cap=2.0,
        retry_on_status=sorted(BUSY),
    )


@contextmanager
def named(address: Address) -> Iterator[None]:
    """Turn an error of the cluster into one that names the store."""
    try:
        yield
    except FAULTS as error:
        raise StoreError(f"存储 {address}：{meaning(error)}") from error


def greet(client: Elasticsearch, address: Address) -> str:
    """Return the cluster's version.

    Raises:
        StoreError: nobody answers, or not an Elasticsearch we can use.
    """
    with named(address):
        version = str(client.info()["version"]["number"])
    if int(version.split(".")[0]) < OLDEST:
        raise StoreError(f"存储 {address}：版本 {version} 过旧，需要 Elasticsearch {OLDEST}")
    return version


class Link:
    """An open store; the classes that build on it are each one subject of it.

    Raises:
        StoreError: nobody answers, the account is refused, the indices are not ours or of another
            version, or without ``create`` there are none.
    """

    def __init__(self, url: str, *, create: bool = True) -> None:
        self.address = parse_address(url)
        self._client = connect(self.address)
        self._indices = Indices(self._client, self.address.prefix)
        self._dirty: set[str] = set()
        """Aliases written to since they were last refreshed; by others perhaps, so at first all."""
        try:
            greet(self._client, self.address)
            with self._named():
                self._indices.load()
            self._fit(create=create)
            self._wait()
            self._dirty.update(self._indices.behind)
        except BaseException:
            self._client.close()
            raise

    def _fit(self, *, create: bool) -> None:
        if self._indices.outdated():
            raise StoreError(
                f"存储 {self.address}：索引结构较旧，请先运行 markwatch elastic migrate"
            )
        if not create and not self._indices.behind:
            raise StoreError(f"存储 {self.address}：其中没有线索库，请检查 --store，或先采集、导入")

    def _wait(self) -> None:
        """Give a cluster that has just started time to find its indices."""
        if self._indices.behind:
            names = sorted(index.name for index in self._indices.behind.values())
            with self._named():
                self._client.options(ignore_status=408).cluster.health(
                    index=names, wait_for_status="yellow", timeout=_START
                )

    def _named(self) -> AbstractContextManager[None]:
        return named(self.address)

    def _alias(self, part: Part) -> str | None:
        """Return the alias to read a part by, None while there is nothing."""
        if not self._indices.of(part):
            self._indices.load()
        return self._indices.alias(part) if self._indices.of(part) else None

    def _refresh(self, part: Part) -> None:
        """Let searches find what was written."""
        written = [alias for alias in self._dirty if alias.startswith(self._indices.alias(part))]
        if written:
            self._client.indices.refresh(index=sorted(written))
            self._dirty.difference_update(written)
