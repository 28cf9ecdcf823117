"""A lead moves only along the table, and what needs two people needs two people."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leads.model import Judgement, State
from leads.states import MOVES, MoveError, check, check_whole_seller, moves, state_of

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
S = State


def said(state: State, by: str = "甲", after: int = 0, **fields: Any) -> Judgement:
    at = NOON + timedelta(hours=after)
    return Judgement(lead="L1", state=state, reason="理由", by=by, at=at, **fields)


def history(*states: State) -> list[Judgement]:
    return [said(state, by="甲", after=hour, to="140100") for hour, state in enumerate(states)]


ALLOWED = [
    ((), S.PENDING),
    ((), S.EXCLUDED),
    ((S.PENDING,), S.APPROVAL),
    ((S.PENDING,), S.SUPPLEMENT),
    ((S.PENDING,), S.SUSPENDED),
    ((S.SUSPENDED,), S.PENDING),
    ((S.EXCLUDED,), S.PENDING),
    ((S.ASSIGNED,), S.SIGNED),
    ((S.TRANSFERRED,), S.SIGNED),
    ((S.SIGNED,), S.CHECKING),
    ((S.SIGNED,), S.FED_BACK),
    ((S.CHECKING,), S.FILED),
    ((S.CHECKING,), S.TO_POLICE),
    ((S.FILED,), S.CLOSED),
    ((S.TO_POLICE,), S.CHECKING),
    ((S.CLOSED,), S.FED_BACK),
    ((S.FED_BACK,), S.ARCHIVED),
    ((S.ARCHIVED,), S.PENDING),
]


@pytest.mark.parametrize(("before", "state"), ALLOWED)
def test_what_the_table_allows_passes(before: tuple[State, ...], state: State) -> None:
    check(history(*before), said(state, by="乙", after=9))


REFUSED: list[tuple[tuple[State, ...], Judgement, str]] = [
    ((), said(S.FILED), "现为“新发现”，不能改为“立案”；研判人员可改为：待研判、排除"),
    ((S.PENDING,), said(S.PENDING, after=9), "现为“待研判”，不能改为“待研判”"),
    ((S.PENDING,), said(S.ASSIGNED, to="140100", after=9), "可改为：排除、补充取证、中止、待审批"),
    ((S.APPROVAL,), said(S.ASSIGNED, to="140100", after=9), "审批人不能是提请审批的甲本人"),
    ((S.APPROVAL,), said(S.ASSIGNED, by=" 甲 ", to="140100", after=9), "审批人不能是"),
    ((S.APPROVAL,), said(S.ASSIGNED, by="乙", after=9), "“已交办”须写明交给哪个单位"),
    ((S.ASSIGNED,), said(S.RETURNED, after=9), "“退回”须写明原因码：管辖、材料"),
    ((S.ASSIGNED,), said(S.RETURNED, code="心情", after=9), "没有原因码 '心情'；可用：管辖、材料"),
    ((S.CHECKING,), said(S.NOT_FILED, after=9), "须写明原因码：轻微"),
    ((S.PENDING,), said(S.APPROVAL, code="其他", after=9), "该状态没有原因码"),
    ((S.PENDING,), said(S.EXCLUDED, second="甲", after=9), "两人不能是同一人"),
    ((S.ARCHIVED,), said(S.CHECKING, after=9), "承办人员可改为：待研判"),
    ((S.PENDING,), said(S.APPROVAL, after=-3), "请校对"),
    (
        (S.ASSIGNED,),
        said(S.SIGNED, after=9, happened_at=NOON - timedelta(days=2)),
        "早于上一步“已交办”（2026-11-23）",
    ),
    ((S.ASSIGNED,), said(S.SIGNED, after=9, happened_at=NOON + timedelta(days=2)), "晚于今天"),
    ((S.FILED,), said(S.FILED, code="暂停", after=9), "只用于：待研判、补充取证、核查中"),
    ((S.CHECKING,), said(S.FILED, code="暂停", after=9), "状态不变"),
    ((S.CHECKING,), said(S.CHECKING, code="恢复", after=9), "期限没有暂停"),
    ((S.CHECKING,), said(S.CHECKING, code="延期", after=9), "须经批准"),
    ((S.CHECKING,), said(S.CHECKING, code="延期", second="甲", after=9), "不能是申请延期的本人"),
]


@pytest.mark.parametrize(("before", "wanted", "told"), REFUSED)
def test_what_it_does_not_allow_is_refused_with_what_is_allowed(
    before: tuple[State, ...], wanted: Judgement, told: str
) -> None:
    with pytest.raises(MoveError, match=r".*") as refused:
        check(history(*before), wanted)
    assert told in str(refused.value)


def test_a_clock_is_paused_once_and_goes_on_once() -> None:
    before = [*history(S.CHECKING), said(S.CHECKING, code="暂停", after=2)]
    with pytest.raises(MoveError, match="已经暂停"):
        check(before, said(S.CHECKING, code="暂停", after=3))
    check(before, said(S.CHECKING, code="恢复", after=3))
    check(before, said(S.CHECKING, by="甲", second="乙", code="延期", after=3))
    check(before, said(S.FILED, after=3))


def test_a_whole_seller_is_excluded_by_two_people() -> None:
    check_whole_seller(said(S.EXCLUDED, by="甲", second="乙"))
    for second in (None, "甲", "甲 "):
        with pytest.raises(MoveError):
            check_whole_seller(said(S.EXCLUDED, by="甲", second=second))


def test_every_state_can_be_reached_and_left() -> None:
    reached = {move.end for move in MOVES} | {S.NEW}
    assert reached == set(State)
    assert all(moves(state) for state in State)
    assert len({(move.start, move.end) for move in MOVES}) == len(MOVES)


def test_without_judgement_a_lead_is_new() -> None:
    assert state_of([]) is S.NEW


def test_a_complaint_at_a_fair_waits_for_one_answer() -> None:
    complained = said(S.PENDING, code="展会投诉", after=1)
    check((), complained)
    before = [complained]
    answer = said(S.PENDING, code="展会答复", after=2)
    check(before, answer)
    with pytest.raises(MoveError, match="没有待答复的展会投诉"):
        check([*before, answer], said(S.PENDING, code="展会答复", after=3))
    check([*before, answer], said(S.PENDING, code="展会投诉", after=3))


@pytest.mark.parametrize("code", ["展会投诉", "展会答复"])
def test_what_is_noted_at_a_fair_leaves_the_state(code: str) -> None:
    before = history(S.PENDING, S.APPROVAL, S.TRANSFERRED)
    noted = [*before, said(S.TRANSFERRED, code="展会投诉", after=4)]
    check(noted, said(S.TRANSFERRED, code=code, after=5))
    with pytest.raises(MoveError):
        check(noted, said(S.SIGNED, code=code, after=5))
    with pytest.raises(MoveError, match="须写同一状态"):
        check((), said(S.NEW, code=code))
