"""What a worker does with one stretch of the archive: read and match, and write nothing.

Where only some rights are asked about, a quick sieve finds the listings that may touch them, and
the whole engine decides on those: what defends a listing may come from any other right.
"""

from __future__ import annotations

import pickle
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import NamedTuple, TypeVar

from leads.faults import ConfigError, Fault
from leads.model import Lead, Listing
from leads.sight import Sight
from leads.store import StoreError, open_archive
from leads.store.archive import Archive, Archived, Stretch
from matchers.engine import Engine, Matched
from matchers.image.reading import lines_of, with_lines
from matchers.text.sieve import Sieve
from pipelines.crowds import Crowds
from pipelines.rematch.task import Task, revision

_AT_ONCE = 500
"""Listings, or sights, that are sifted together."""
_SHA256 = re.compile(r'"sha256":"([0-9a-f]{64})"')
_BLANK = Listing(title="")
T = TypeVar("T")


class Found(NamedTuple):
    """What came of a stretch."""

    seen: Sequence[tuple[str, str]]
    """The listings that were asked about."""
    leads: Sequence[Lead]
    excluded: Mapping[str, int]
    """How many of them each exclusion met, by its id."""


def match(task: bytes, stretch: Stretch) -> Found:
    """Match the listings of a stretch again.

    Raises:
        ConfigError: this program is of another revision than the one that made the task.
        StoreError: the archive cannot be read.
    """
    work = _work(task)
    seen: list[tuple[str, str]] = []
    leads: list[Lead] = []
    excluded: Counter[str] = Counter()
    with open_archive(work.task.store) as archive:
        for batch in _batches(archive.listings_in(stretch, work.task.since)):
            seen += [one.key for one in batch]
            for matched in work.matched(work.asked(batch), archive):
                leads += (lead for lead in matched.leads if work.task.asks(lead.right))
                excluded.update(matched.exclusions)
    return Found(seen, leads, excluded)


def touching(task: bytes, stretch: Stretch) -> list[str]:
    """Return the digests of the pictures in a stretch of sights that may touch the task's rights.

    Raises: as :func:`match`.
    """
    work = _work(task)
    with open_archive(work.task.store) as archive:
        sights = archive.sights_in(stretch)
        return [sha256 for batch in _batches(sights) for sha256 in work.pictures(batch)]


@lru_cache(maxsize=2)
def _work(task: bytes) -> _Work:
    return _Work(pickle.loads(task))  # noqa: S301  # made by who drives this worker


class _Work:
    """A task with what is made for it once."""

    def __init__(self, task: Task) -> None:
        if task.revision != revision():
            raise ConfigError(
                [
                    Fault(
                        "markwatch",
                        "",
                        "工作进程的程序版本与发起重新比对的不同，请先升级到同一版本",
                    )
                ]
            )
        self.task = task
        self._crowds = Crowds(before=task.sellers.items())

    @cached_property
    def _engine(self) -> Engine:
        return Engine(self.task.registry, self.task.exclusions)

    @cached_property
    def _sieve(self) -> Sieve:
        return Sieve(self.task.registry, self.task.rights)

    def asked(self, batch: Sequence[Archived]) -> list[Listing]:
        """Return the listings that may come to a lead."""
        bodies = [one.body for one in batch]
        if self.task.narrow:
            numbers = set(self._sieve.among(bodies))
            if self.task.touching:
                numbers.update(n for n, body in enumerate(bodies) if self._shows(body))
            bodies = [bodies[number] for number in sorted(numbers)]
        try:
            return [Listing.model_validate_json(body) for body in bodies]
        except ValueError as error:
            reason = "记录无法读取，已损坏或由更新版本的程序写入"
            raise StoreError(f"存储 {self.task.store}：{reason}（{error}）") from error

    def _shows(self, body: str) -> bool:
        return not self.task.touching.isdisjoint(_SHA256.findall(body))

    def matched(self, listings: Sequence[Listing], archive: Archive) -> Iterator[Matched]:
        """Yield what comes of each listing."""
        shown = {p.sha256 for listing in listings for p in listing.pictures if p.sha256}
        known = archive.sights(sorted(shown)) if shown else {}
        for listing in listings:
            digests = (picture.sha256 for picture in listing.pictures)
            own = {digest: known[digest] for digest in digests if digest and digest in known}
            sights = self._crowds.weighed(listing, own)
            yield self._engine.match(listing, self.task.found_at, sights)

    def pictures(self, batch: Sequence[Sight]) -> Iterator[str]:
        """Yield the digests of pictures that match a reference of the rights, or are read so."""
        lined = [with_lines(_BLANK, lines_of([sight])).model_dump_json() for sight in batch]
        read = set(self._sieve.among(lined))
        for number, sight in enumerate(batch):
            if number in read or any(match.right in self.task.rights for match in sight.matches):
                yield sight.sha256


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(items)
    while batch := list(islice(waiting, _AT_ONCE)):
        yield batch
