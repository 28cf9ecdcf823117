"""What the papers of a packet are written from: leads and everything known about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from evidence.exhibit import Exhibit
from leads.model import Judgement, Lead, Right
from leads.recipients import Recipient


@dataclass(frozen=True, slots=True)
class Officer:
    """A law-enforcement officer."""

    name: str
    number: str | None = None
    """Number of the enforcement card (执法证号)."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """How two officers captured a listing again; the facts of the 电子数据证据提取笔录."""

    lead: str
    """Id of the lead."""
    began: datetime
    ended: datetime
    officers: tuple[Officer, ...]
    place: str | None = None
    """Where the officers sat."""
    environment: tuple[tuple[str, str], ...] = ()
    """Name and value as an officer reads them: 操作系统, 浏览器, 时间校对."""
    steps: tuple[str, ...] = ()
    """What was done, in order, in Chinese."""
    changes: tuple[str, ...] = ()
    """What differs from the first capture, in Chinese; empty where nothing does."""


@dataclass(frozen=True, slots=True)
class Case:
    """One or more leads that leave together, and all that the papers about them say.

    Nothing here is the time of making: the same case always gives the same papers.
    """

    leads: Sequence[Lead]
    sender: Recipient
    """The issuing office: ``config/recipients``, kind ``own``."""
    rights: Mapping[str, Right] = field(default_factory=dict)
    """By id, those of the leads."""
    judgements: Mapping[str, Sequence[Judgement]] = field(default_factory=dict)
    """By id of the lead, oldest first."""
    exhibits: Sequence[Exhibit] = ()
    """Captured files with their numbers in the packet."""
    extractions: Sequence[Extraction] = ()
    officers: Sequence[Officer] = ()
    """Who handles the case; two of them."""
    approver: str | None = None
    """Who approved that it leaves."""
    number: str | None = None
    """The paper's own number (文号), given by the registry of the office."""
    day: date | None = None
    """The day on the paper; usually that of the approval."""
    sites: Mapping[str, str] = field(default_factory=dict)
    """Names of sites by id, as the public knows them."""
    source: str = "网络市场监测"
    """How the leads came to the office."""
    crime: str | None = None
    """For the police: the crime that is suspected."""
    amount: str | None = None
    """For the police: the amount and how it was found, in Chinese."""
    enclosures: Sequence[str] = ()
    """Names of other materials that go along, such as 涉案物品清单."""
    references: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    """By id of the right: the holder's own photos and registered logos."""
