"""What a scene on the practice market is: how an offer is made, and what is true of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leads.model import DefenceCode, Finding
from practice.pictures import Drawing
from practice.truth import Need


class Shape(StrEnum):
    """The shop software whose shape an item page takes."""

    JD = "jd"
    TAOBAO = "taobao"
    TMALL = "tmall"
    STORE = "store"
    """An independent shop with schema.org markup."""
    LIVE = "live"
    """An empty shell that scripts fill."""


class Door(StrEnum):
    """How an item page answers."""

    OPEN = "open"
    CAPTCHA = "captcha"
    LOGIN = "login"
    SLOW = "slow"
    FLAKY = "flaky"
    """503 at the first visit, then as it should."""
    BROKEN = "broken"
    """500 every time."""


STILL = (Shape.JD, Shape.TAOBAO, Shape.TMALL, Shape.STORE)
"""Shapes that need no script."""


@dataclass(frozen=True)
class Case:
    """One scene. Texts may hold ``{maker} {noun} {adj} {size} {tail}``, words of its goods.

    Nothing of ``why``, ``misuse``, ``decoy`` or ``needs`` ever reaches a page.
    """

    goods: str
    """Key in :data:`practice.goods.GOODS`."""
    titles: tuple[str, ...]
    why: str
    misuse: tuple[tuple[str, Finding], ...] = ()
    """Right id and finding; empty for honest offers."""
    decoy: DefenceCode | None = None
    """Why it is honest though it bears a watched or a similar name."""
    needs: frozenset[Need] = frozenset({Need.NAMES})
    """What a night must have to find it."""
    brand: str | None = ""
    """The 品牌 attribute; None leaves it out, empty takes an ordinary maker's."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Attributes: 产地, 厂址, 发货地, 配料 and so on."""
    description: str | None = None
    """Only an independent shop shows one."""
    firm: str | None = None
    """Key in :data:`practice.firms.NAMED`; None takes an ordinary firm."""
    shapes: tuple[Shape, ...] = STILL
    door: Door = Door.OPEN
    picture: Drawing | None = None
    """First picture; None draws the goods."""
    pseudo: bool = False
    again: bool = True
    """Whether it comes again in a large market."""
