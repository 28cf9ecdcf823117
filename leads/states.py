"""The states of a lead: who may move it from where to where, and what must be said with it.

Pure functions over a lead's judgements; the table is research, workflow 2.3. Who somebody is
cannot be told from a name, so ``who`` is shown and left to the office; that two different people
decide is enforced.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from leads.beijing import BEIJING, told
from leads.model import Judgement, State

PAUSE, RESUME, EXTEND = "暂停", "恢复", "延期"
"""Codes by which a clock stands, goes on, or gets more days; the state stays."""
COMPLAINT, ANSWER = "展会投诉", "展会答复"
"""Codes that say when a complaint was taken at a fair, and when the exhibitor answered it."""
NOTES = frozenset({EXTEND, COMPLAINT, ANSWER})
"""Codes that leave a clock that stands as it is."""

CODES: dict[State, tuple[str, ...]] = {
    State.PENDING: (COMPLAINT,),
    State.EXCLUDED: (
        "授权使用", "正品转售", "描述性使用", "权利失效", "商品不同", "误识别", "重复线索", "其他",
    ),
    State.RETURNED: ("管辖", "材料"),
    State.NOT_FILED: (
        "轻微", "初次违法", "无主观过错", "证据不足", "不构成违法", "超过时效", "无管辖权", "其他",
    ),
}  # fmt: skip
"""Reason codes by state; 不予立案 follows 市场监督管理行政处罚程序规定 art. 20."""
_MUST_HAVE_CODE = {State.RETURNED, State.NOT_FILED}
_HANDED = {State.ASSIGNED, State.TRANSFERRED}
# 待研判 and 补充取证 wait for the holder's identification as 核查中 does.
_CLOCKED = {State.PENDING, State.SUPPLEMENT, State.CHECKING}


class MoveError(Exception):
    """The move is not allowed; the message says in Chinese why, and what is."""


class Move(NamedTuple):
    """One edge: from ``start`` to ``end``, by ``who``."""

    start: State
    end: State
    who: str
    two: bool = False
    """Whether it must be another person than the one who sent it to 待审批."""


def _moves(start: State, who: str, ends: Iterable[State], two: bool = False) -> list[Move]:
    return [Move(start, end, who, two) for end in ends]


_READER, _APPROVER, _RECEIVER, _HANDLER = "研判人员", "审批人", "收件单位", "承办人员"
_S = State
_READ = (_S.EXCLUDED, _S.SUPPLEMENT, _S.SUSPENDED, _S.APPROVAL)
_ANSWERED = (_S.CLOSED, _S.FED_BACK)

MOVES: tuple[Move, ...] = (
    # An officer who decides at the first look need not write 待研判 before.
    *_moves(_S.NEW, _READER, (_S.PENDING, *_READ)),
    *_moves(_S.PENDING, _READER, _READ),
    *_moves(_S.SUPPLEMENT, _READER, (_S.PENDING, _S.EXCLUDED, _S.SUSPENDED, _S.APPROVAL)),
    *_moves(_S.SUSPENDED, _READER, (_S.PENDING, _S.EXCLUDED)),
    *_moves(_S.EXCLUDED, _READER, (_S.PENDING,)),
    *_moves(_S.APPROVAL, _APPROVER, (_S.ASSIGNED, _S.TRANSFERRED), two=True),
    *_moves(_S.APPROVAL, _APPROVER, (_S.TO_POLICE, _S.TO_OTHERS), two=True),
    *_moves(_S.APPROVAL, _APPROVER, (_S.PENDING, _S.SUPPLEMENT, _S.EXCLUDED), two=True),
    *_moves(_S.ASSIGNED, _RECEIVER, (_S.SIGNED, _S.RETURNED)),
    *_moves(_S.TRANSFERRED, _RECEIVER, (_S.SIGNED, _S.RETURNED)),
    *_moves(_S.SIGNED, _RECEIVER, (_S.CHECKING, _S.RETURNED, _S.FED_BACK)),
    *_moves(_S.RETURNED, _READER, (_S.PENDING, _S.SUPPLEMENT, _S.APPROVAL, _S.EXCLUDED)),
    *_moves(_S.CHECKING, _HANDLER, (_S.FILED, _S.NOT_FILED, _S.TO_POLICE, _S.TO_OTHERS)),
    *_moves(_S.CHECKING, _HANDLER, (_S.RETURNED,)),
    *_moves(_S.FILED, _HANDLER, (_S.CLOSED, _S.TO_POLICE, _S.TO_OTHERS)),
    *_moves(_S.NOT_FILED, _HANDLER, _ANSWERED),
    # Police that do not file give the case back.
    *_moves(_S.TO_POLICE, _HANDLER, (*_ANSWERED, _S.CHECKING)),
    *_moves(_S.TO_OTHERS, _HANDLER, _ANSWERED),
    *_moves(_S.CLOSED, _HANDLER, (_S.FED_BACK,)),
    # Listed again after a notice, or new evidence.
    *_moves(_S.FED_BACK, _HANDLER, (_S.ARCHIVED, _S.PENDING)),
    *_moves(_S.ARCHIVED, _HANDLER, (_S.PENDING,)),
)


def moves(start: State) -> tuple[Move, ...]:
    """Return every move that leads out of ``start``."""
    return tuple(move for move in MOVES if move.start is start)


def state_of(history: Sequence[Judgement]) -> State:
    """Return the state after ``history`` (oldest first); ``NEW`` without any."""
    return history[-1].state if history else State.NEW


def check(history: Sequence[Judgement], wanted: Judgement) -> None:
    """Check that ``wanted`` may follow ``history``, a lead's judgements, oldest first.

    Raises:
        MoveError: it may not.
    """
    start = state_of(history)
    _times(history, wanted)
    if wanted.code in (PAUSE, RESUME, EXTEND):
        _clocked(history, wanted)
        return
    if wanted.code == ANSWER or (wanted.code == COMPLAINT and start is wanted.state):
        _noted(history, wanted)
        return
    found = next((move for move in moves(start) if move.end is wanted.state), None)
    if found is None:
        raise MoveError(_refused(start, wanted.state))
    _coded(wanted)
    if wanted.state in _HANDED and not wanted.to:
        raise MoveError(f"“{wanted.state}”须写明交给哪个单位")
    if wanted.second is not None:
        _different(wanted.second, wanted.by, "两人不能是同一人")
    proposer = history[-1].by if found.two else None
    if proposer:
        _different(wanted.by, proposer, f"审批人不能是提请审批的{proposer}本人")


def check_whole_seller(wanted: Judgement) -> None:
    """Check that two people exclude all leads of a seller.

    Raises:
        MoveError: there is no second person, or it is the same one.
    """
    if not wanted.second:
        raise MoveError("处理一个卖家的全部线索须两人决定，请另写一人")
    _different(wanted.second, wanted.by, "两人不能是同一人")


def _refused(start: State, end: State) -> str:
    open_to = moves(start)
    who = "、".join(dict.fromkeys(move.who for move in open_to))
    can = "、".join(dict.fromkeys(move.end for move in open_to))
    return f"现为“{start}”，不能改为“{end}”；{who}可改为：{can}"


def _times(history: Sequence[Judgement], wanted: Judgement) -> None:
    if history and wanted.at < history[-1].at:
        last = told(history[-1].at)
        raise MoveError(
            f"本机时间 {told(wanted.at)} 早于上一条记录（{last}），请校对本机或上次所用电脑的时钟"
        )
    if wanted.happened_at is None:
        return
    day = wanted.happened_at.astimezone(BEIJING).date()
    if day > wanted.at.astimezone(BEIJING).date():
        raise MoveError(f"发生日期 {day} 晚于今天")
    if history:
        before = happened(history[-1]).astimezone(BEIJING).date()
        if day < before:
            raise MoveError(f"发生日期 {day} 早于上一步“{history[-1].state}”（{before}）")


def _coded(wanted: Judgement) -> None:
    known = CODES.get(wanted.state, ())
    if wanted.code is None:
        if wanted.state in _MUST_HAVE_CODE:
            raise MoveError(f"“{wanted.state}”须写明原因码：{'、'.join(known)}")
    elif wanted.code not in known:
        can = f"可用：{'、'.join(known)}" if known else "该状态没有原因码"
        raise MoveError(f"“{wanted.state}”没有原因码 {wanted.code!r}；{can}")


def _clocked(history: Sequence[Judgement], wanted: Judgement) -> None:
    start = state_of(history)
    if wanted.state is not start or start not in _CLOCKED:
        can = "、".join(state for state in State if state in _CLOCKED)
        raise MoveError(f"“{wanted.code}”只记录期限，状态不变，只用于：{can}；现为“{start}”")
    paused = is_paused(history)
    if wanted.code == PAUSE and paused:
        raise MoveError("期限已经暂停")
    if wanted.code == RESUME and not paused:
        raise MoveError("期限没有暂停，不能恢复")
    if wanted.code == EXTEND:
        if not wanted.second:
            raise MoveError("延期须经批准，请写明批准人")
        _different(wanted.second, wanted.by, "批准人不能是申请延期的本人")


def _noted(history: Sequence[Judgement], wanted: Judgement) -> None:
    start = state_of(history)
    if wanted.state is not start or start is State.NEW:
        raise MoveError(f"“{wanted.code}”不改变状态；现为“{start}”，须写同一状态")
    if wanted.code == ANSWER and not is_complained_of(history):
        raise MoveError("没有待答复的展会投诉")


def is_complained_of(history: Sequence[Judgement]) -> bool:
    """Tell whether a complaint taken at a fair waits for the exhibitor's answer."""
    codes = [j.code for j in history if j.code in (COMPLAINT, ANSWER)]
    return codes[-1:] == [COMPLAINT]


def is_paused(history: Sequence[Judgement]) -> bool:
    """Tell whether the clock was stopped by hand; any change of state lets it go on."""
    return bool(history) and _last_code(history) == PAUSE


def _last_code(history: Sequence[Judgement]) -> str | None:
    return next((j.code for j in reversed(history) if j.code not in NOTES), None)


def happened(judgement: Judgement) -> datetime:
    """Return when it took effect: when it happened, where that was written down."""
    return judgement.happened_at or judgement.at


def _different(one: str, other: str, otherwise: str) -> None:
    if same_person(one, other):
        raise MoveError(otherwise)


def same_person(one: str, other: str) -> bool:
    """Tell whether two names are written for the same person: by case, width and spaces alike."""
    return _person(one) == _person(other)


def _person(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
