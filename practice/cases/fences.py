"""Ordinary offers whose pages do not simply answer, so that nothing watched hides behind them."""

from __future__ import annotations

from practice.case import STILL, Case, Door

_TITLES = ("{maker}{adj}{noun} {size} {tail}",)


def _fence(goods: str, door: Door, why: str) -> Case:
    return Case(goods, _TITLES, why, door=door, shapes=STILL, again=False)


FENCES = {
    "captcha": _fence("tea", Door.CAPTCHA, "the item page asks for a slider"),
    "login": _fence("shoes", Door.LOGIN, "the item page sends to the log-in"),
    "slow": _fence("pastry", Door.SLOW, "the item page takes its time"),
    "flaky": _fence("jujube", Door.FLAKY, "the item page fails once"),
    "broken": _fence("ornament", Door.BROKEN, "the item page always fails"),
}
