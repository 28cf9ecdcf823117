"""One store's records carried into another: every one, once, and compared at the end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from leads.model import Judgement
from leads.store import Entry, Part, Store


@dataclass
class Compared:
    """How a part of one store agrees with that of another, by key and content."""

    part: Part
    same: int = 0
    different: list[str] = field(default_factory=list)
    """Keys whose records differ."""
    missing: list[str] = field(default_factory=list)
    """Keys that the target lacks."""
    digest: str = ""
    """SHA-256 over keys and records of the source, in order."""
    copied_digest: str = ""
    """The same over what the target holds under these keys."""

    @property
    def whole(self) -> bool:
        """Whether the target holds every record of the source unchanged."""
        return self.digest == self.copied_digest and not self.different and not self.missing


def carry(source: Store, target: Store, part: Part, step: Callable[[], None]) -> None:
    """Write every record of a part that the target lacks or has otherwise.

    Both are read side by side in the order of keys, so a copy that was broken off goes on where it
    was, and one that is whole writes nothing. ``step`` is called for each record of the source.
    The target keeps what only it has; where both have a record, the source's replaces it. But no
    judgement is replaced: of a lead that was judged otherwise there, none is copied.

    Raises:
        StoreError: a store does not answer.
    """
    target.write(part, _wanted(source, target, part, step))


def _wanted(source: Store, target: Store, part: Part, step: Callable[[], None]) -> Iterator[Entry]:
    judged_otherwise = None
    for ours, theirs in _side_by_side(source, target, part):
        step()
        if theirs is not None and ours.record == theirs.record:
            continue
        if isinstance(ours.record, Judgement):
            if theirs is not None:
                judged_otherwise = ours.record.lead
            if ours.record.lead == judged_otherwise:
                continue
        yield ours


def compare(source: Store, target: Store, part: Part) -> Compared:
    """Read a part of both stores and tell what of the source the target lacks or has otherwise."""
    found = Compared(part)
    mine, copied = hashlib.sha256(), hashlib.sha256()
    for ours, theirs in _side_by_side(source, target, part):
        mine.update(_line(ours))
        if theirs is None:
            found.missing.append(ours.key)
            continue
        copied.update(_line(theirs))
        if ours.record == theirs.record:
            found.same += 1
        else:
            found.different.append(ours.key)
    found.digest, found.copied_digest = mine.hexdigest(), copied.hexdigest()
    return found


def _side_by_side(source: Store, target: Store, part: Part) -> Iterator[tuple[Entry, Entry | None]]:
    """Yield every entry of the source with the target's of the same key, if any."""
    others = target.read(part)
    other = next(others, None)
    for entry in source.read(part):
        while other is not None and other.key < entry.key:
            other = next(others, None)
        there = other is not None and other.key == entry.key
        yield entry, other if there else None


def _line(entry: Entry) -> bytes:
    return f"{entry.key} {entry.record.model_dump_json()}\n".encode()
