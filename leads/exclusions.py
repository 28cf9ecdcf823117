"""What an office decided not to be shown again: scoped, reasoned, dated, and open to be lifted.

An exclusion lowers hits, it removes nothing: it answers a hit as a defence does, so that a lead
tells who decided, until when and why (research, workflow 4.3). All but those of one listing are
wide: two people decide, and it ends within a year. What comes in a flood is quarantined by the
machine: shown for review, never hidden.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, ValidationError, model_validator

from leads.beijing import BEIJING
from leads.model import Defence, DefenceCode, Listing, Moment, Record, Right, State, Triage
from leads.states import CODES as STATE_CODES
from leads.states import same_person
from leads.words import words

MACHINE = "markwatch"
"""Who quarantines."""
LONGEST = timedelta(days=366)
"""How long a wide exclusion may hold before people must decide anew."""
FLOOD, UNSURE = "命中过多", "准确率低"
AUTHORISED, RESALE, DESCRIPTIVE, MISREAD = "授权使用", "正品转售", "描述性使用", "误识别"
"""Codes of :data:`leads.states.CODES` that say what to exclude."""
CODES: dict[Triage, tuple[str, ...]] = {
    Triage.NONE: STATE_CODES[State.EXCLUDED],
    Triage.REVIEW: (FLOOD, UNSURE),
}
"""Reason codes by effect."""


class ExclusionError(ValueError):
    """The exclusion cannot be made or lifted; the message says in Chinese why."""


class Scope(StrEnum):
    """What an exclusion is about; the subject says which."""

    LISTING = "listing"
    """One listing: ``<site> <ref>``."""
    SELLER = "seller"
    """What one seller does with one right: :attr:`leads.model.Listing.seller_key`."""
    PICTURE = "picture"
    """A picture by its SHA-256, or all copies of a reference of the bank by its path there."""
    PHRASE = "phrase"
    """What is named inside these very characters, by one right or one matcher."""
    RULE = "rule"
    """All that a matcher finds, perhaps of one right only."""


SCOPE_ZH = {
    Scope.LISTING: "商品",
    Scope.SELLER: "店铺",
    Scope.PICTURE: "图片",
    Scope.PHRASE: "词语",
    Scope.RULE: "规则",
}


class Exclusion(Record):
    """One decision about what hits are worth; only ever lifted, never changed."""

    id: str = Field(pattern=r"^X[0-9a-f]{12}$")
    scope: Scope
    subject: str = Field(min_length=1, max_length=2000)
    right: str | None = None
    """Only hits on this right; all, if None."""
    matcher: str | None = None
    """Only hits of this matcher; all, if None."""
    effect: Triage = Triage.NONE
    """``none``: excluded; ``review``: quarantined."""
    code: str
    """One of :data:`CODES`."""
    reason: str
    by: str
    second: str | None = None
    at: Moment
    until: date | None = None
    """The last day on which it holds."""
    lifted_at: Moment | None = None
    lifted_by: str | None = None
    lifted_reason: str | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not self.reason.strip() or not self.by.strip():
            raise ExclusionError("理由和决定人不能为空")
        codes = CODES.get(self.effect, ())
        if self.code not in codes:
            raise ExclusionError(f"没有原因码 {self.code!r}；可用：{'、'.join(codes) or '无'}")
        _scoped(self)
        _decided(self)
        _ends(self)
        if len({value is None for value in (self.lifted_at, self.lifted_by)}) > 1:
            raise ExclusionError("解除须写明时间和解除人")
        return self

    @property
    def wide(self) -> bool:
        """Whether it reaches beyond one listing."""
        return self.scope is not Scope.LISTING

    def in_force(self, day: date) -> bool:
        """Tell whether it holds on ``day``, a day in China."""
        return (
            _day(self.at) <= day
            and (self.until is None or day <= self.until)
            and (self.lifted_at is None or day < _day(self.lifted_at))
        )


def _scoped(one: Exclusion) -> None:
    if one.scope is Scope.LISTING and " " not in one.subject.strip():
        raise ExclusionError("商品写作“网站代号 商品编号”")
    if one.scope is Scope.SELLER and one.right is None:
        raise ExclusionError("排除店铺须写明针对哪一项权利")
    if one.scope is Scope.PHRASE and not (one.right or one.matcher):
        raise ExclusionError("排除词语须限于一项权利或一种匹配规则")
    if one.scope is Scope.RULE:
        if one.effect is Triage.NONE:
            raise ExclusionError("整条规则只能降为待复核，不能排除")
        if one.matcher not in (None, one.subject):
            raise ExclusionError("规则与匹配规则不一致")


def _decided(one: Exclusion) -> None:
    if one.by == MACHINE:
        if one.effect is not Triage.REVIEW or one.second is not None:
            raise ExclusionError("机器只能暂缓，不能排除")
    elif one.second is not None:
        if same_person(one.by, one.second):
            raise ExclusionError("两人不能是同一人")
        if same_person(one.second, MACHINE):
            raise ExclusionError("另一人须是执法人员")
    elif one.wide:
        raise ExclusionError(f"排除{SCOPE_ZH[one.scope]}须两人决定，请另写一人")


def _ends(one: Exclusion) -> None:
    made = _day(one.at)
    if one.until is None:
        if one.wide:
            raise ExclusionError(f"排除{SCOPE_ZH[one.scope]}须写明有效期，最长一年")
        return
    if one.until < made:
        raise ExclusionError(f"有效期 {one.until} 早于决定之日 {made}")
    if one.wide and one.until > made + LONGEST:
        raise ExclusionError(f"有效期最长一年，即不晚于 {made + LONGEST}")


def made(
    scope: Scope,
    subject: str,
    *,
    code: str,
    reason: str,
    by: str,
    at: datetime,
    right: str | None = None,
    matcher: str | None = None,
    effect: Triage = Triage.NONE,
    second: str | None = None,
    until: date | None = None,
) -> Exclusion:
    """Return a new exclusion; told twice, it has the same id.

    Raises:
        ExclusionError: it breaks a rule of the house.
    """
    said = "\x1f".join(
        (scope, subject, right or "", matcher or "", effect, code, by, at.isoformat())
    )
    try:
        return Exclusion(
            id=f"X{hashlib.sha256(said.encode()).hexdigest()[:12]}",
            scope=scope,
            subject=subject,
            right=right,
            matcher=matcher,
            effect=effect,
            code=code,
            reason=reason.strip(),
            by=by.strip(),
            second=second.strip() if second and second.strip() else None,
            at=at,
            until=until,
        )
    except ValidationError as invalid:
        faults = (error.get("ctx", {}).get("error", error["msg"]) for error in invalid.errors())
        raise ExclusionError("；".join(map(str, faults))) from invalid


def quarantine(
    scope: Scope, subject: str, right: str | None, *, reason: str, at: datetime, until: date
) -> Exclusion:
    """Return the machine's decision to have a flood looked at before it counts as leads."""
    return made(
        scope,
        subject,
        right=right,
        effect=Triage.REVIEW,
        code=FLOOD,
        reason=reason,
        by=MACHINE,
        at=at,
        until=until,
    )


def check(
    exclusion: Exclusion,
    rights: Mapping[str, Right],
    matchers: Collection[str],
    rules: Collection[str] = (),
) -> None:
    """Check an exclusion against what is watched; ``rules`` are named in place of rights.

    Raises:
        ExclusionError: it names a right or matcher there is none of, or would end the watching.
    """
    if exclusion.right is not None and exclusion.right not in (*rights, *rules):
        raise ExclusionError(f"没有权利 {exclusion.right!r}")
    right = rights.get(exclusion.right or "")
    rule = exclusion.subject if exclusion.scope is Scope.RULE else exclusion.matcher
    if rule is not None and rule not in matchers:
        raise ExclusionError(f"没有匹配规则 {rule!r}；可用：{'、'.join(sorted(matchers))}")
    if exclusion.scope is Scope.PHRASE and right and names_it(exclusion.subject, right):
        raise ExclusionError(f"“{exclusion.subject}”就是所监测的名称，排除它等于不再监测")


def names_it(phrase: str, right: Right) -> bool:
    """Tell whether a phrase is nothing but a name of the right."""
    return words(phrase) in {words(name) for name in (*right.names, *right.translations)}


def lifted(exclusion: Exclusion, *, by: str, reason: str, at: datetime) -> Exclusion:
    """Return the exclusion as it is after somebody lifted it.

    Raises:
        ExclusionError: it was lifted already, or name or reason is missing.
    """
    if exclusion.lifted_at is not None:
        raise ExclusionError(f"{exclusion.id} 已由{exclusion.lifted_by}解除")
    if not by.strip() or not reason.strip():
        raise ExclusionError("理由和解除人不能为空")
    fields = {"lifted_at": at, "lifted_by": by.strip(), "lifted_reason": reason.strip()}
    return exclusion.model_copy(update=fields)


def newer(before: Exclusion | None, now: Exclusion) -> Exclusion:
    """Return which of two records of one exclusion stands: once lifted, it stays lifted."""
    return before if before is not None and before.lifted_at is not None else now


def listing_subject(listing: Listing) -> str:
    """Return what an exclusion of this one listing is about.

    Raises:
        ValueError: the listing has no key.
    """
    return " ".join(listing.key)


def defence(exclusion: Exclusion) -> Defence:
    """Return the exclusion as an answer to a hit: who, when, until when and why."""
    people = "、".join(filter(None, (exclusion.by, exclusion.second)))
    until = f"，有效至{exclusion.until}" if exclusion.until else ""
    reason = " ".join(exclusion.reason.split()).rstrip("。；")
    return Defence(
        code=DefenceCode.QUARANTINED if exclusion.effect is Triage.REVIEW else DefenceCode.EXCLUDED,
        detail=f"按{SCOPE_ZH[exclusion.scope]}，{exclusion.code}，{reason}；"
        f"{people}于{_day(exclusion.at)}决定{until}（{exclusion.id}）",
    )


def expiring(exclusions: Iterable[Exclusion], day: date, days: int) -> list[Exclusion]:
    """Return those in force on ``day`` that end within ``days``, the first to end first."""
    last = day + timedelta(days=days)
    ending = [
        (one.until, one.id, one)
        for one in exclusions
        if one.until is not None and one.until <= last and one.in_force(day)
    ]
    return [one for _, _, one in sorted(ending, key=lambda each: each[:2])]


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()
