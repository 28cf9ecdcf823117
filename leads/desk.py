"""What an office needs to hand leads over, read from the config folder.

``recipients/<id>.toml``, ``groups/<id>.toml``, ``thresholds/<id>.toml``, ``clocks/<id>.toml``,
``calendar/<year>.toml``. A folder that is not there is empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from leads.calendar import Year
from leads.clocks import Clock
from leads.entries import optional
from leads.faults import Fault
from leads.model import Dated, Finding, Id, Record
from leads.recipients import Recipient, RecipientKind

Code = Annotated[str, Field(pattern=r"^\d{6}$")]


class Group(Dated):
    """Provinces that agreed to hand leads to each other."""

    id: Id
    name: str = Field(min_length=1)
    members: tuple[Code, ...] = Field(min_length=2)
    """GB/T 2260 codes of provinces."""
    verified: bool = False
    source: str = Field(min_length=1)
    note: str | None = None


class Threshold(Dated):
    """From which amount a crime is suspected."""

    id: Id
    crime: str = Field(min_length=1)
    findings: tuple[Finding, ...] = Field(min_length=1)
    measure: str = Field(min_length=1)
    """What is measured: 非法经营数额."""
    amount: int = Field(gt=0)
    """Yuan."""
    warn: float = Field(gt=0, le=1)
    """From which share of the amount on the police is named."""
    article: str = Field(min_length=1)
    verified: bool = False
    source: str = Field(min_length=1)
    note: str | None = None


class Desk(Record):
    """Recipients, agreements, thresholds, clocks and calendars."""

    recipients: Mapping[str, Recipient] = {}
    groups: Mapping[str, Group] = {}
    thresholds: Mapping[str, Threshold] = {}
    clocks: Mapping[str, Clock] = {}
    years: Mapping[int, Year] = {}

    def of_kind(self, kind: RecipientKind) -> tuple[Recipient, ...]:
        """Return the recipients of one kind, in order of id."""
        return tuple(one for one in self.recipients.values() if one.kind is kind)

    @property
    def own(self) -> Recipient | None:
        """The office itself."""
        return next(iter(self.of_kind(RecipientKind.OWN)), None)


def read_desk(root: Path, faults: list[Fault]) -> Desk:
    """Read the folders below ``root``; add what is wrong to ``faults``."""
    desk = Desk(
        recipients={one.id: one for one in optional(root, "recipients", Recipient, faults)},
        groups={one.id: one for one in optional(root, "groups", Group, faults)},
        thresholds={one.id: one for one in optional(root, "thresholds", Threshold, faults)},
        clocks={one.id: one for one in optional(root, "clocks", Clock, faults)},
        years={one.year: one for one in optional(root, "calendar", Year, faults, "year")},
    )
    faults.extend(_crossed(root, desk))
    return desk


def _crossed(root: Path, desk: Desk) -> Iterator[Fault]:
    """Yield what no entry shows alone."""
    own = desk.of_kind(RecipientKind.OWN)
    for second in own[1:]:
        yield Fault(f"recipients/{second.id}.toml", "kind", f"本机关只能有一个，已有 {own[0].id}")
    places = {one.code for one in desk.recipients.values()}
    for group in desk.groups.values():
        for code in group.members:
            file = root / "recipients" / f"{code}.toml"
            if code not in places and not file.exists():
                yield Fault(f"groups/{group.id}.toml", "members", f"没有 recipients/{code}.toml")
