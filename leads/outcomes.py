"""What has come of a lead so far, told from its judgements."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from leads.model import Judgement, State
from leads.states import state_of


class Outcome(StrEnum):
    """Where a lead has got to; the value is what officers read."""

    UNSEEN = "未处理"
    WEIGHED = "研判中"
    EXCLUDED = "排除"
    HANDLED = "办理中"
    """Handed over, and not decided yet."""
    FILED = "立案"
    NOT_FILED = "不予立案"
    TO_POLICE = "移送公安"
    TO_OTHERS = "移送其他部门"
    ANSWERED = "已反馈"
    """Closed without any of these, as a platform closes a notice."""


_OF_STATE = {
    State.NEW: Outcome.UNSEEN,
    State.PENDING: Outcome.WEIGHED,
    State.SUPPLEMENT: Outcome.WEIGHED,
    State.SUSPENDED: Outcome.WEIGHED,
    State.APPROVAL: Outcome.WEIGHED,
    State.EXCLUDED: Outcome.EXCLUDED,
    State.ASSIGNED: Outcome.HANDLED,
    State.TRANSFERRED: Outcome.HANDLED,
    State.SIGNED: Outcome.HANDLED,
    State.RETURNED: Outcome.HANDLED,
    State.CHECKING: Outcome.HANDLED,
    State.FILED: Outcome.FILED,
    State.NOT_FILED: Outcome.NOT_FILED,
    State.TO_POLICE: Outcome.TO_POLICE,
    State.TO_OTHERS: Outcome.TO_OTHERS,
}
"""States that tell it by themselves; the others end what was decided before them."""

CONFIRMED = frozenset({Outcome.FILED, Outcome.TO_POLICE, Outcome.TO_OTHERS})
"""An authority took the matter up."""


def outcome(history: Sequence[Judgement]) -> Outcome:
    """Return what has come of a lead; ``history`` is oldest first.

    A case that was closed, answered or archived is what it was decided as.
    """
    state = state_of(history)
    if state in _OF_STATE:
        return _OF_STATE[state]
    decided = [_OF_STATE[j.state] for j in history if j.state in _OF_STATE]
    last = decided[-1] if decided else Outcome.HANDLED
    return Outcome.ANSWERED if last is Outcome.HANDLED else last
