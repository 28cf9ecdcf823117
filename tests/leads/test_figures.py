"""The figures of a closed period do not change, whatever is recorded or found afterwards."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from leads.clocks import Clock
from leads.desk import Desk
from leads.figures import Figures, Found, Kept, Notices, Period, figures
from leads.model import Finding, Hit, Judgement, Lead, Listing, State, Triage
from leads.recipients import RecipientKind
from leads.sighting import Change, Sighting

KINDS = {"140100": RecipientKind.BUREAU, "taobao": RecipientKind.PLATFORM}
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
SIGNING = Clock(
    id="signing",
    name="签收",
    starts=(State.ASSIGNED, State.TRANSFERRED),
    ends=(State.SIGNED, State.RETURNED),
    length=5,
    unit="工作日",
    article="内部要求",
    source="内部要求",
)
DESK = Desk(clocks={"signing": SIGNING})


def lead(number: int, right: str = "某老陈醋") -> Lead:
    hit = Hit(right="r", name=right, finding=Finding.GI_NAME, matcher="m", score=0.9, reason="疑似")
    return Lead(
        id=f"L{number:012}",
        right="r",
        right_name=right,
        listing=Listing(site="taobao", ref=str(number), title="某醋"),
        triage=Triage.LEAD,
        score=0.9,
        hits=(hit,),
        law_day=date(2026, 10, 8),
        found_at=datetime(2026, 10, 8, tzinfo=UTC),
    )


def said(number: int, day: str, state: State, **fields: Any) -> Judgement:
    at = datetime.fromisoformat(f"2026-{day}T10:00:00+08:00")
    return Judgement(lead=f"L{number:012}", state=state, reason="理由", by="甲", at=at, **fields)


HISTORY = [
    said(1, "10-08", State.PENDING),
    said(1, "10-09", State.APPROVAL),
    said(1, "10-12", State.ASSIGNED, to="140100"),
    said(1, "10-15", State.SIGNED),
    said(1, "11-02", State.CHECKING),
    said(2, "10-08", State.EXCLUDED, code="误识别"),
    said(2, "11-03", State.PENDING),
    said(3, "10-08", State.APPROVAL),
    said(3, "10-12", State.TRANSFERRED, to="taobao"),
    said(3, "11-12", State.SIGNED),
]
GONE = Sighting(
    site="taobao",
    ref="3",
    at=datetime.fromisoformat("2026-10-14T10:00:00+08:00"),
    change=Change.VANISHED,
)
BACK = GONE.model_copy(update={"at": GONE.at.replace(month=11), "change": Change.RELISTED})


def count(
    history: Sequence[Judgement], period: Period = OCTOBER, seen: Sequence[Sighting] = (GONE,)
) -> Figures:
    histories: dict[str, list[Judgement]] = {}
    for judgement in history:
        histories.setdefault(judgement.lead, []).append(judgement)
    leads = {one.id: one for one in (lead(1), lead(2), lead(3, "另一名"))}
    return figures(histories, leads, {("taobao", "3"): seen}, DESK, KINDS, period)


def test_a_period_is_counted_as_it_stood_at_its_end() -> None:
    october = count(HISTORY)
    assert october.entered == {
        "已交办": 1, "已移送": 1, "已签收": 1, "待审批": 2, "待研判": 1, "排除": 1,
    }  # fmt: skip
    assert october.codes == {"排除/误识别": 1}
    assert october.handed == {"140100": 1, "taobao": 1}
    assert october.standing == {"已移送": 1, "已签收": 1, "排除": 1}
    assert october.clocks == {"签收": Kept(in_time=1, overdue=1)}
    assert october.rights == {"另一名": Found(held=1), "某老陈醋": Found(held=1, excluded=1)}
    assert october.sites == {"taobao": Found(held=2, excluded=1)}
    assert october.notices == Notices(sent=1, vanished=1, relisted=0, hours=48.0)


def test_a_closed_period_stays_as_it_was() -> None:
    before = [judgement for judgement in HISTORY if judgement.at < OCTOBER.ended]
    assert count(before) == count(HISTORY, seen=(GONE, BACK))


def test_what_is_recorded_later_about_an_earlier_day_belongs_to_the_later_period() -> None:
    october = datetime.fromisoformat("2026-10-14T00:00:00+08:00")
    late = said(3, "11-12", State.SIGNED, happened_at=october)
    history = [*HISTORY[:-1], late]
    assert count(history) == count(HISTORY)
    # It was signed in time, only told late.
    assert count(history, NOVEMBER).clocks == {"签收": Kept(in_time=1)}
    assert count(HISTORY, NOVEMBER).clocks == {"签收": Kept(late=1)}


def test_a_pause_is_no_new_state() -> None:
    history = [*HISTORY[:5], said(1, "11-03", State.CHECKING, code="暂停")]
    november = count(history, NOVEMBER)
    assert november.entered == {"核查中": 1}
    assert november.codes == {"核查中/暂停": 1}


def test_a_listing_back_after_a_notice_is_told() -> None:
    month = Period(date(2026, 10, 1), date(2026, 11, 30))
    assert count(HISTORY, month, (GONE, BACK)).notices == Notices(
        sent=1, vanished=1, relisted=1, hours=48.0
    )


def test_what_vanished_before_the_notice_is_no_action() -> None:
    earlier = GONE.model_copy(update={"at": GONE.at.replace(day=11)})
    assert count(HISTORY, seen=(earlier,)).notices == Notices(sent=1)


def test_nothing_judged_is_nothing_counted() -> None:
    assert count([]).entered == {}
