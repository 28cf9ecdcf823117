"""Terms run on working days, stand while they must, and an unpublished year is only provisional."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from leads.calendar import Holiday, Year, is_worked
from leads.clocks import Clock, Run, runs
from leads.model import Judgement, State
from leads.recipients import RecipientKind

YEARS = {
    2026: Year(
        year=2026,
        holidays=(
            Holiday(name="国庆节", first=date(2026, 10, 1), last=date(2026, 10, 7)),
            Holiday(name="元旦", first=date(2026, 1, 1), last=date(2026, 1, 3)),
        ),
        workdays=(date(2026, 9, 20), date(2026, 10, 10)),
        source="通知",
    )
}
KINDS = {"140100": RecipientKind.BUREAU, "taobao": RecipientKind.PLATFORM}


def clock(**fields: Any) -> Clock:
    base: dict[str, Any] = {
        "id": "check",
        "name": "核查",
        "starts": (State.SIGNED,),
        "ends": (State.FILED, State.RETURNED),
        "pauses": (State.SUSPENDED,),
        "length": 15,
        "unit": "工作日",
        "extension": 15,
        "article": "某规定",
        "source": "某规定",
    }
    return Clock.model_validate({**base, **fields})


def said(day: str, state: State, **fields: Any) -> Judgement:
    at = datetime.fromisoformat(f"{day}T10:00:00+08:00")
    return Judgement(lead="L1", state=state, reason="理由", by="甲", at=at, **fields)


def only(*history: Judgement, of: Clock | None = None) -> Run:
    (run,) = runs(history, [of or clock()], YEARS, KINDS)
    return run


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-09-18", True),  # Friday
        ("2026-09-19", False),
        ("2026-09-20", True),  # worked Sunday
        ("2026-10-01", False),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),  # worked Saturday
        ("2026-10-11", False),
        ("2027-10-01", True),  # not published: a Friday
        ("2027-10-02", False),
    ],
)
def test_holidays_and_worked_weekends_count_as_published(day: str, worked: bool) -> None:
    assert is_worked(date.fromisoformat(day), YEARS) is worked


@pytest.mark.parametrize(
    ("signed", "days", "unit", "due"),
    [
        ("2026-11-23", 1, "工作日", "2026-11-24"),
        ("2026-11-20", 1, "工作日", "2026-11-23"),  # a Friday: the day itself is not counted
        ("2026-09-18", 15, "工作日", "2026-10-14"),  # over the holidays, two weekends worked
        ("2026-11-27", 3, "日", "2026-11-30"),
        ("2026-11-26", 3, "日", "2026-11-30"),  # the third day is a Sunday
        ("2026-09-28", 5, "日", "2026-10-08"),  # ends in the holidays
    ],
)
def test_a_term_ends_on_its_last_working_day(signed: str, days: int, unit: str, due: str) -> None:
    run = only(said(signed, State.SIGNED), of=clock(length=days, unit=unit))
    assert (run.due, run.provisional) == (date.fromisoformat(due), False)


def test_a_term_into_an_unpublished_year_is_provisional() -> None:
    run = only(said("2026-12-20", State.SIGNED))
    assert run.due == date(2027, 1, 8)
    assert run.provisional


def test_it_is_overdue_the_day_after_and_no_more_once_it_ended() -> None:
    signed = said("2026-11-23", State.SIGNED)
    run = only(signed, of=clock(length=3))
    assert run.due == date(2026, 11, 26)
    assert not run.overdue(date(2026, 11, 26))
    assert run.overdue(date(2026, 11, 27))
    late = only(signed, said("2026-11-27", State.FILED), of=clock(length=3))
    assert (late.late, late.overdue(date(2026, 12, 30))) == (True, False)
    assert not only(signed, said("2026-11-26", State.FILED), of=clock(length=3)).late


def test_days_for_identification_are_not_counted() -> None:
    history = [
        said("2026-11-23", State.SIGNED),
        said("2026-11-23", State.CHECKING),
        said("2026-11-24", State.CHECKING, code="暂停"),
    ]
    assert only(*history, of=clock(length=3)).due is None
    history.append(said("2026-12-01", State.CHECKING, code="恢复"))
    # 24 to 30 November do not count: 1, 2 and 3 December do.
    assert only(*history, of=clock(length=3)).due == date(2026, 12, 3)


def test_a_state_that_pauses_stops_the_clock() -> None:
    history = [
        said("2026-11-23", State.SIGNED),
        said("2026-11-25", State.SUSPENDED),
        said("2026-12-02", State.PENDING),
    ]
    # Tuesday 24 counts, then 2 and 3 December.
    assert only(*history, of=clock(length=3)).due == date(2026, 12, 3)


def test_an_approved_extension_adds_its_days() -> None:
    history = [
        said("2026-11-02", State.SIGNED),
        said("2026-11-20", State.CHECKING, code="延期", second="乙"),
    ]
    assert only(history[0]).due == date(2026, 11, 23)
    assert only(*history).due == date(2026, 12, 14)


def test_a_clock_runs_from_the_day_it_happened_not_from_the_day_it_was_told() -> None:
    happened = datetime(2026, 11, 19, 16, tzinfo=UTC)  # the 20th in Beijing
    run = only(said("2026-11-23", State.SIGNED, happened_at=happened), of=clock(length=1))
    assert (run.since, run.due) == (date(2026, 11, 20), date(2026, 11, 23))


@pytest.mark.parametrize(("to", "count"), [("140100", 1), ("taobao", 0), ("unknown", 0)])
def test_a_clock_for_some_recipients_runs_for_no_others(to: str, count: int) -> None:
    history = [said("2026-11-20", State.ASSIGNED, to=to), said("2026-11-23", State.SIGNED)]
    assert len(runs(history, [clock(to=("bureau",))], YEARS, KINDS)) == count


def test_a_clock_for_one_reason_runs_for_no_other() -> None:
    dispute = clock(starts=(State.RETURNED,), ends=(State.PENDING,), codes=("管辖",))
    for code, count in (("管辖", 1), ("材料", 0)):
        history = [said("2026-11-23", State.RETURNED, code=code)]
        assert len(runs(history, [dispute], YEARS, KINDS)) == count


def test_the_version_in_force_when_it_began_decides() -> None:
    old = clock(id="old", length=7, valid_to=date(2026, 11, 22))
    new = clock(id="new", length=15, valid_from=date(2026, 11, 23))
    for day, version in (("2026-11-20", "old"), ("2026-11-23", "new")):
        (run,) = runs([said(day, State.SIGNED)], [old, new], YEARS, KINDS)
        assert run.clock.id == version


def test_a_lead_sent_back_and_forth_runs_twice() -> None:
    history = [
        said("2026-11-02", State.SIGNED),
        said("2026-11-03", State.RETURNED),
        said("2026-11-23", State.SIGNED),
    ]
    first, second = runs(history, [clock()], YEARS, KINDS)
    assert (first.ended, second.ended) == (date(2026, 11, 3), None)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"workdays": [date(2026, 9, 21)]}, "不是周末"),
        ({"workdays": [date(2027, 9, 19)]}, "不在 2026 年"),
        ({"holidays": [("国庆", "2026-10-07", "2026-10-01")]}, "早于 first"),
        ({"workdays": [date(2026, 10, 3)]}, "既是假日又是上班日"),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(fields: dict[str, Any], told: str) -> None:
    good: dict[str, Any] = {"holidays": [("国庆", "2026-10-01", "2026-10-07")], "workdays": []}
    given = {**good, **fields}
    given["holidays"] = [
        dict(zip(("name", "first", "last"), h, strict=True)) for h in given["holidays"]
    ]
    with pytest.raises(ValidationError, match=told):
        Year.model_validate({"year": 2026, "source": "通知", **given})


# A complaint at a fair: twenty-four hours, whatever the day.
ANSWER = Clock.model_validate(
    {
        "id": "fair-answer",
        "name": "展会投诉答复",
        "starts": (State.PENDING, State.SIGNED),
        "codes": ("展会投诉",),
        "ends": (State.EXCLUDED,),
        "end_codes": ("展会答复",),
        "length": 24,
        "unit": "小时",
        "article": "某指引",
        "source": "某指引",
    }
)


def noted(at: str, code: str | None, state: State = State.PENDING) -> Judgement:
    moment = datetime.fromisoformat(at)
    return Judgement(lead="L1", state=state, reason="理由", by="甲", at=moment, code=code)


@pytest.mark.parametrize(
    ("complained", "due"),
    [
        ("2026-11-27T16:30:00+08:00", "2026-11-28 16:30"),  # over a Friday night
        ("2026-12-31T09:00:00+08:00", "2027-01-01 09:00"),  # into a holiday, an unpublished year
        ("2026-11-27T20:00:00+00:00", "2026-11-29 04:00"),  # told in Beijing time
    ],
)
def test_a_term_in_hours_runs_through_nights_and_days_off(complained: str, due: str) -> None:
    run = only(noted(complained, "展会投诉"), of=ANSWER)
    assert (run.due_told, run.provisional) == (due, False)


def test_a_term_in_hours_is_over_to_the_minute() -> None:
    run = only(noted("2026-11-27T16:30:00+08:00", "展会投诉"), of=ANSWER)
    moments = ("2026-11-28T16:30:00+08:00", "2026-11-28T08:30:01+00:00")
    assert [run.overdue(datetime.fromisoformat(at)) for at in moments] == [False, True]
    days = (date(2026, 11, 27), date(2026, 11, 28))  # looked back on from their ends
    assert [run.overdue(day) for day in days] == [False, True]
    assert [run.days_over(day) for day in (*days, date(2026, 11, 30))] == [-1, 0, 2]


@pytest.mark.parametrize(
    ("answered", "late"),
    [("2026-11-28T16:29:00+08:00", False), ("2026-11-28T16:31:00+08:00", True)],
)
def test_an_answer_ends_it_in_time_or_late(answered: str, late: bool) -> None:
    history = [noted("2026-11-27T16:30:00+08:00", "展会投诉"), noted(answered, "展会答复")]
    run = only(*history, of=ANSWER)
    assert (run.late, run.overdue(datetime(2026, 12, 30, tzinfo=UTC))) == (late, False)


def test_hours_that_stand_are_given_back() -> None:
    history = [
        noted("2026-11-27T10:00:00+08:00", "展会投诉"),
        noted("2026-11-27T12:00:00+08:00", "暂停"),
        noted("2026-11-27T15:00:00+08:00", "恢复"),
    ]
    assert only(*history[:2], of=ANSWER).due_told is None
    assert only(*history, of=ANSWER).due_told == "2026-11-28 13:00"


def test_a_complaint_lets_a_clock_that_stands_stand() -> None:
    history = [
        said("2026-11-23", State.SIGNED),
        said("2026-11-23", State.CHECKING),
        said("2026-11-24", State.CHECKING, code="暂停"),
        said("2026-11-25", State.CHECKING, code="展会投诉"),
    ]
    assert only(*history, of=clock(length=3)).due is None
