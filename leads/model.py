"""Every noun of markwatch as a frozen record, and nothing else.

The JSON of these records is the public interface (commands print and read it); keys and codes are
English, texts that an officer reads are Chinese.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    model_serializer,
    model_validator,
)


class Record(BaseModel):
    """A frozen record that refuses fields it does not know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=True
    )


Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
"""The stem of a file in ``config/``."""


def _plausible(moment: datetime) -> datetime:
    if not 1900 <= moment.year < 9999:
        raise ValueError(f"时间超出范围：{moment.isoformat()}")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_plausible)]
"""A time with its zone, so far from the calendar's ends that every zone can tell it."""


# ---------------------------------------------------------------------------- what is watched


class RightKind(StrEnum):
    """What sort of legal title is watched."""

    GI = "gi"
    TRADEMARK = "trademark"
    SPECIAL_SIGN = "special_sign"


class Dated(Record):
    """Something that is in force from one day to another (both inclusive, open ends allowed)."""

    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError(f"valid_to（{self.valid_to}）早于 valid_from（{self.valid_from}）")
        return self

    def in_force(self, day: date) -> bool:
        """Tell whether it is in force on ``day``."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


class Mark(Dated):
    """One registered mark or registered name that belongs to a right."""

    text: str = Field(min_length=1)
    number: str | None = None
    """Registration or announcement number, as the register prints it."""
    classes: tuple[Annotated[int, Field(ge=1, le=45)], ...] = ()
    """Nice classes of goods and services."""
    holder: str | None = None
    verified: bool = False
    """True only when somebody compared it with the register."""


class Area(Record):
    """One administrative division of a protected area."""

    name: str = Field(min_length=1)
    """As written in the announcement, city first: 晋中市平遥县."""
    code: str | None = Field(default=None, pattern=r"^\d{6}$")
    """GB/T 2260 code."""


class AuthorisedUser(Dated):
    """A firm that may use a right's name and special mark."""

    company: str = Field(min_length=1)
    uscc: str | None = None
    """Unified social credit code, GB 32100-2015."""
    shops: tuple[str, ...] = ()
    """Shop names under which the firm is known to sell."""
    source: str | None = None
    verified: bool = False


class Right(Dated):
    """A legal title that is watched: a geographical indication, a trade mark, a special sign."""

    id: Id
    kind: RightKind
    name: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    """Other names under which the public knows it; each is watched like the name."""
    translations: tuple[str, ...] = ()
    """Names in other languages."""
    goods: tuple[str, ...] = ()
    """Words that name goods for which it is protected; in them the name means the right."""
    not_goods: tuple[str, ...] = ()
    """Words that show another meaning of the name (小米 phones, 凤凰 the town)."""
    classes: tuple[Annotated[int, Field(ge=1, le=45)], ...] = ()
    """Nice classes of goods and services."""
    area: tuple[Area, ...] = ()
    """Protected area of a GI; empty where unknown."""
    variety: tuple[str, ...] = ()
    """Words in the name that are also a plant variety or a generic name, so free to use."""
    holder: str | None = None
    marks: tuple[Mark, ...] = ()
    photos: tuple[str, ...] = ()
    """Paths below the config folder of the holder's own photos."""
    logos: tuple[str, ...] = ()
    """Paths below the config folder of registered logos."""
    bureau: str | None = Field(default=None, pattern=r"^\d{6}$")
    """City bureau in charge of the right (GB/T 2260)."""
    verified: bool = False
    """False: from memory, to be compared with the official list before an officer relies on it."""
    source: str | None = None
    note: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Name, aliases and mark texts, each once, in that order."""
        texts = (self.name, *self.aliases, *(m.text for m in self.marks))
        return tuple(dict.fromkeys(texts))


class Bureau(Record):
    """Who receives a packet."""

    code: str = Field(pattern=r"^\d{6}$")
    """GB/T 2260 code of its division."""
    name: str = Field(min_length=1)
    city: str = Field(min_length=1)
    counties: tuple[str, ...] = ()
    """County-level divisions of its district, as written in the division tables."""
    address: str | None = None
    contact: str | None = None
    verified: bool = False


class Provision(Record):
    """An article of law that a finding may rest on."""

    id: str = Field(min_length=1)
    """``<law id>#<article number>``."""
    article: str = Field(min_length=1)
    """As an officer cites it: 《商标法》第五十七条第（一）项."""
    verified: bool = False
    """False: written from memory; the text was not at hand."""


# ---------------------------------------------------------------------------- what is seen


class Picture(Record):
    """A picture of a listing; ``sha256`` is set once its bytes lie in the vault."""

    url: str | None = None
    path: str | None = None
    sha256: str | None = None


class Price(Record):
    """What is asked, as decimal strings; a single price has ``min`` equal to ``max``."""

    min: Annotated[Decimal, PlainSerializer(str, return_type=str)]
    max: Annotated[Decimal, PlainSerializer(str, return_type=str)]
    currency: str = "CNY"


class Sold(Record):
    """How much was sold, as the page says: the number where it can be read, and its words."""

    count: int | None = None
    text: str | None = None


class Seller(Record):
    """Who offers; ``location`` is the seller's own place, not that of the goods."""

    ref: str | None = None
    name: str | None = None
    url: str | None = None
    company: str | None = None
    uscc: str | None = None
    location: str | None = None


class Listing(Record):
    """One offer on a marketplace, or one exhibit at a fair, as seen once."""

    site: str | None = None
    ref: str | None = None
    """The site's own number of the listing."""
    url: str | None = None
    kind: Literal["offer", "exhibit"] = "offer"
    title: str
    description: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    brand: str | None = None
    price: Price | None = None
    sold: Sold | None = None
    seller: Seller | None = None
    origin: str | None = None
    """产地: where the goods are said to be from."""
    ships_from: str | None = None
    """发货地."""
    factory: str | None = None
    """厂址."""
    category: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    captured_at: Moment | None = None
    capture: str | None = None
    """Id of the captured page this listing was read from."""
    pseudo: bool = Field(default=False, exclude_if=lambda value: not value)
    """Postage, deposit and the like: a listing in form only."""

    @property
    def key(self) -> tuple[str, str]:
        """``(site, ref)``; the address stands in for a missing number.

        Raises:
            ValueError: neither number nor address is there, so it cannot be told from others.
        """
        ref = self.ref or self.url
        if not self.site or not ref:
            raise ValueError(f"商品没有网站代号或编号，无法保存：{self.title[:80]!r}")
        return self.site, ref

    @property
    def seller_key(self) -> str | None:
        """What groups listings of one seller: credit code, else site and number or name."""
        if self.seller is None:
            return None
        if self.seller.uscc:
            return self.seller.uscc
        ref = self.seller.ref or self.seller.name
        return f"{self.site}:{ref}" if ref else None


Door = Literal["http", "browser", "file"]
"""By which way bytes came in."""
DOOR_ZH: dict[Door, str] = {"http": "直接访问", "browser": "浏览器访问", "file": "文件导入"}


class Tls(Record):
    """How a connection was secured."""

    version: str
    cipher: str | None = None
    subject: str
    issuer: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Digest of the server's certificate in DER."""
    verified: bool
    """Whether the certificate was checked against the machine's authorities and the host's name."""


class Exchange(Record):
    """What went over the wire for one capture, but for headers that let a session be taken over.

    Where a browser spoke, ``tls``, ``request`` and ``response`` are None: TLS ends inside it.
    """

    requested: str
    """The address first asked for."""
    redirects: tuple[tuple[int, str], ...] = ()
    """Status and address of each page that sent on, the first one first."""
    resolved: tuple[str, ...] = ()
    """Addresses the name stood for when it was asked."""
    tls: Tls | None = None
    request: str | None = None
    """The request as sent (bytes as Latin-1)."""
    response: str | None = None
    """Status line and headers as received, to the empty line (bytes as Latin-1)."""
    body: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the body as received, in the vault; None where it is the captured file itself."""
    omitted: tuple[str, ...] = ()
    """Names of the headers left out above."""


class Clock(Record):
    """How the machine's clock compared with a time server."""

    checked_at: Moment
    source: str | None = None
    """The time server; None where none is configured."""
    offset: float | None = None
    """Seconds to add to the machine's time to get the server's."""
    fault: str | None = None
    """Why there is no offset, in Chinese."""


class Session(Record):
    """Under what circumstances a series of captures was taken."""

    mode: Literal["machine", "officer"]
    officers: tuple[str, ...] = ()
    purpose: str
    begun_at: Moment
    clock: Clock
    environment: tuple[tuple[str, str], ...]
    """What machine and tools were used, name by name."""


class Evidence(Record):
    """One captured file, named by what it holds."""

    id: str
    """Unique for each capture, even of the same bytes."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    sm3: str = Field(pattern=r"^[0-9a-f]{64}$")
    """GB/T 32905-2016 digest."""
    size: int
    """Bytes."""
    media_type: str
    url: str | None = None
    captured_at: Moment
    how: Door
    status: int | None = None
    """HTTP status."""
    headers: tuple[tuple[str, str], ...] = ()
    peer: str | None = None
    """Address of the server that answered."""
    exchange: Exchange | None = Field(default=None, exclude_if=lambda value: value is None)
    session: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{64}$", exclude_if=lambda value: value is None
    )
    """SHA-256 of the :class:`Session` record, in the vault."""


class Verdict(StrEnum):
    """What a fetched page turned out to be."""

    OK = "ok"
    PARTIAL = "partial"
    BLOCKED = "blocked"
    UNSUPPORTED = "unsupported"
    EMPTY = "empty"
    DAMAGED = "damaged"
    FAILED = "failed"


VERDICT_ZH = {
    Verdict.OK: "正常",
    Verdict.PARTIAL: "不完整",
    Verdict.BLOCKED: "要求登录或验证",
    Verdict.UNSUPPORTED: "版式不识别",
    Verdict.EMPTY: "没有商品",
    Verdict.DAMAGED: "内容损坏",
    Verdict.FAILED: "没有取到",
}


class Visit(Record):
    """One page that was fetched, or could not be, and what came of it."""

    site: str
    url: str
    verdict: Verdict
    reason: str | None = None
    listings: int = 0
    door: Door = "http"
    at: Moment


# ---------------------------------------------------------------------------- what is found


class Finding(StrEnum):
    """In what way a listing touches a right."""

    GI_NAME = "gi.name"
    GI_ORIGIN = "gi.origin"
    GI_EVOCATION = "gi.evocation"
    GI_SIGN = "gi.sign"
    BRAND_IDENTICAL = "brand.identical"
    BRAND_IMITATION = "brand.imitation"
    BRAND_SHOP_NAME = "brand.shop_name"
    SIGN_SPECIAL = "sign.special"
    PATENT_NUMBER = "patent.number"
    PATENT_EXPIRED = "patent.expired"
    PATENT_PENDING = "patent.pending"
    PATENT_FORM = "patent.form"
    MARK_MANDATORY = "mark.mandatory"
    MARK_CLAIM = "mark.claim"
    PICTURE_COPY = "picture.copy"
    PICTURE_LOGO = "picture.logo"
    PICTURE_TEXT = "picture.text"


FINDING_ZH: dict[Finding, str] = {
    Finding.GI_NAME: "使用地理标志名称",
    Finding.GI_ORIGIN: "地理标志名称与产地不符",
    Finding.GI_EVOCATION: "以“式、型、类、风味”等攀附地理标志",
    Finding.GI_SIGN: "擅用地理标志专用标志",
    Finding.BRAND_IDENTICAL: "与注册商标相同",
    Finding.BRAND_IMITATION: "与注册商标近似",
    Finding.BRAND_SHOP_NAME: "店铺或企业名称使用他人商标",
    Finding.SIGN_SPECIAL: "使用特殊标志或官方标志",
    Finding.PATENT_NUMBER: "专利号不实",
    Finding.PATENT_EXPIRED: "专利已届满",
    Finding.PATENT_PENDING: "以申请冒充专利",
    Finding.PATENT_FORM: "专利标识标注不规范",
    Finding.MARK_MANDATORY: "必须使用注册商标的商品",
    Finding.MARK_CLAIM: "商标宣传不当",
    Finding.PICTURE_COPY: "盗用权利人图片",
    Finding.PICTURE_LOGO: "图片中出现注册标识",
    Finding.PICTURE_TEXT: "图片文字涉及受保护名称",
}


class DefenceCode(StrEnum):
    """A lawful reason why a listing may bear a protected name; the value is what officers read."""

    AUTHORISED_USER = "已登记的授权使用人"
    OWN_MARK = "权利人或其自有商标"
    HONEST_RESALE = "疑为正品转售"
    DESCRIPTIVE = "描述性使用"
    INGREDIENT = "配料或原料说明"
    DELIVERY_PLACE = "发货地、配送地说明"
    COMPATIBLE_WITH = "适配对象说明"
    VARIETY_NAME = "品种名或通用名称"
    OTHER_GI = "其他地区自有的地理标志"
    LONGER_NAME = "属于更长的其他名称"
    OTHER_GOODS = "商品类别不同"
    EXCLUDED = "已有排除决定"
    """See :mod:`leads.exclusions`."""
    QUARANTINED = "命中过多暂缓"


class Defence(Record):
    """A named defence; in JSON one string, ``<name>：<detail>``."""

    code: DefenceCode
    detail: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            name, _, detail = value.partition("：")
            return {"code": name, "detail": detail}
        return value

    @model_serializer
    def _to_text(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return f"{self.code.value}：{self.detail}" if self.detail else self.code.value


class Span(Record):
    """Where in the listing: characters ``start`` to ``end`` (exclusive) of a field as given.

    ``field`` is ``title``, ``description``, ``brand``, ``origin``, ``factory``, ``attributes.<n>``
    (the value of pair n), ``category.<n>``, ``seller.name`` or ``seller.company``.
    """

    field: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str


class Box(Record):
    """Where in a picture: ``box`` is x, y, width, height in pixels of the picture as captured."""

    picture: str
    """SHA-256 of the picture, else its address."""
    box: tuple[int, int, int, int]


class Hit(Record):
    """One way in which one listing touches one right, explained."""

    right: str
    """Id of the right."""
    name: str
    finding: Finding
    matcher: str
    score: float = Field(ge=0, le=1)
    reason: str
    """Why, in words for an officer; says 疑似 or 涉嫌 and what was not checked."""
    spans: tuple[Span, ...] = ()
    boxes: tuple[Box, ...] = ()
    provisions: tuple[Provision, ...] = ()
    defences: tuple[Defence, ...] = ()


class Triage(StrEnum):
    """How soon an officer should look."""

    LEAD = "lead"
    REVIEW = "review"
    NONE = "none"


TRIAGE_ZH = {Triage.LEAD: "优先核查", Triage.REVIEW: "待复核", Triage.NONE: "无"}


class Route(Record):
    """A bureau that may be competent, and why."""

    bureau: str
    """Code, GB/T 2260."""
    reason: str


def lead_id(site: str, ref: str, right: str) -> str:
    """Return the stable id of a lead: the same listing and right always give the same id."""
    digest = hashlib.sha256("\x1f".join((site, ref, right)).encode()).hexdigest()
    return f"L{digest[:12]}"


class Lead(Record):
    """What an officer decides on: one listing, one right, its hits."""

    id: str
    right: str
    right_name: str
    listing: Listing
    triage: Triage
    score: float = Field(ge=0, le=1)
    hits: tuple[Hit, ...] = Field(min_length=1)
    routes: tuple[Route, ...] = ()
    law_day: date
    """The day whose law the hits cite: the day of capture."""
    found_at: Moment


class State(StrEnum):
    """Where a lead stands; the value is what officers read and may type."""

    NEW = "新发现"
    PENDING = "待研判"
    EXCLUDED = "排除"
    SUPPLEMENT = "补充取证"
    SUSPENDED = "中止"
    APPROVAL = "待审批"
    ASSIGNED = "已交办"
    TRANSFERRED = "已移送"
    SIGNED = "已签收"
    RETURNED = "退回"
    CHECKING = "核查中"
    FILED = "立案"
    NOT_FILED = "不予立案"
    TO_POLICE = "移送公安"
    TO_OTHERS = "移送其他部门"
    CLOSED = "办结"
    FED_BACK = "已反馈"
    ARCHIVED = "归档"


class Judgement(Record):
    """What a person decided about a lead, when and why; never overwritten, only followed."""

    lead: str
    state: State
    reason: str = Field(min_length=1)
    by: str = Field(min_length=1)
    at: Moment
    """When it was recorded; period figures count by it."""
    second: str | None = None
    """The second person, where two must decide."""
    code: str | None = None
    """One of the codes in :mod:`leads.states`: why excluded, or what the clock does."""
    to: str | None = None
    """Id of the recipient it was handed to."""
    happened_at: Moment | None = None
    """When it happened, where that is not when it was recorded; clocks run from it."""
    file: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the receipt or answer in the vault."""
