"""Patent marking: whether a number can be true, has certainly lapsed, or is only badly written.

The tree is that of 专利法实施细则 (2023) art. 99 (form) against art. 101 (counterfeiting) and of
专利标识标注办法 (2012, from memory). A wrong check digit is near proof, a right one proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from leads.model import Finding, Hit, Listing, Span
from matchers.base import Matcher
from matchers.text.fields import Text, head, in_words, offer
from matchers.text.patent_numbers import Number, Type, parse

RIGHT, NAME = "patent", "专利标识"

_HINT = re.compile("专利|Z[Ll]|z[Ll]|申请号")
# A number stands behind ZL, or close behind words that announce one.
_NUMBER = re.compile(
    r"(?P<zl>[Zz][Ll])[\s.:：]*(?P<a>[\dXx](?:[ .\-]?[\dXx]){4,16})"
    r"|(?P<said>专利申请号|申请号|专利号|专利)(?:码)?[\s:：为是（(]*(?:CN|第)?"
    r"(?P<b>\d(?:[ .\-]?[\dXx]){6,16})"
)
_NOT_GRANTED = "尚未授权"
_APPLIED = re.compile(
    r"(?:已|正在|正)?申请(?:了|过)?(?:国家|发明|外观|实用新型)?专利|专利申请(?!号)|专利.{0,2}申请中"
    r"|申请号"
)
_KINDS = {Type.INVENTION: "发明", Type.UTILITY: "实用新型", Type.DESIGN: "外观"}
_WORLDWIDE = re.compile(r"(?:PCT)?(?:国际|世界|全球)专利(?!申请|代理|检索|数据)|PCT专利")
_ABOUT_PATENTS = re.compile(r"资料|代理|代办|检索|转让|申请服务|书籍|教材|配方技术|技术大全|撰写")


class _Claim(NamedTuple):
    """One fault of a marking."""

    finding: Finding
    score: float
    why: str


class Patents(Matcher):
    """Judges patent numbers and claims; they touch no single right."""

    name = "patents"

    def match(self, listing: Listing, day: date) -> Iterator[Hit]:
        """Yield the worst fault of each number, or of the words where there is no number."""
        said = offer(listing)
        if not _HINT.search(said.raw) or _ABOUT_PATENTS.search(head(listing)):
            return
        texts = [t for t in said.texts if "专利" in t.key or _HINT.search(t.plain.raw)]
        for text in texts:
            words = f"{text.key} {text.plain.raw}" if "专利" in text.key else text.plain.raw
            shift = len(words) - len(text.plain.raw)
            numbers = list(_NUMBER.finditer(words))[:5]
            for found in numbers:
                claim = judge(found, words, day)
                if claim:
                    start = max(0, found.start() - shift)
                    yield self._hit(text, start, found.end() - shift, claim)
            if not numbers and (word := _WORLDWIDE.search(text.plain.raw)):
                claim = _Claim(Finding.PATENT_NUMBER, 0.65, "不存在所称的“国际专利”，涉嫌虚假标注")
                yield self._hit(text, *word.span(), claim)

    def _hit(self, text: Text, start: int, end: int, claim: _Claim) -> Hit:
        span = Span(field=text.field, start=start, end=end, text=text.plain.raw[start:end])
        return Hit(
            right=RIGHT,
            name=NAME,
            finding=claim.finding,
            matcher=self.name,
            score=claim.score,
            reason=f"{in_words(text)}标注“{span.text}”：{claim.why}。法律状态以专利登记簿为准。",
            spans=(span,),
        )


def judge(found: re.Match[str], said: str, day: date) -> _Claim | None:
    """Return the worst fault of one number in its text, None if only the register can tell."""
    number = parse(found["a"] or found["b"])
    applied = found["said"] in ("专利申请号", "申请号") or bool(_APPLIED.search(said))
    if number is None:
        return _Claim(
            Finding.PATENT_NUMBER,
            0.75,
            "号码位数或种类位不合规则，不可能是真实的专利号，涉嫌假冒专利",
        )
    if not number.checks:
        return _Claim(Finding.PATENT_NUMBER, 0.85, "校验位不符，不可能是真实的专利号，涉嫌假冒专利")
    if number.year > day.year or number.year < 1985:
        return _Claim(
            Finding.PATENT_NUMBER, 0.8, f"号码所示申请年份{number.year}不可能，涉嫌假冒专利"
        )
    if applied and _NOT_GRANTED not in said:
        if found["zl"] or found["said"] == "专利号":
            return _Claim(
                Finding.PATENT_PENDING, 0.7, "自述仅为申请而以专利号标注，涉嫌将专利申请称为专利"
            )
        return _Claim(
            Finding.PATENT_PENDING, 0.5, "标注申请号而未注明“专利申请，尚未授权”，是否已授权待核"
        )
    if applied:
        return None
    return _lapsed(number, day) or _formal(number, found, said)


def _lapsed(number: Number, day: date) -> _Claim | None:
    """Judge by age alone: the year of filing is known, not the day."""
    if day.year > number.last_year + number.extension:
        why = (
            f"{number.type.value}专利申请于{number.year}年，保护期限最迟至{number.last_year}年届满"
        )
        return _Claim(
            Finding.PATENT_EXPIRED, 0.75, f"{why}，涉嫌届满后继续标注；此前依法标注的商品除外"
        )
    if day.year > number.last_year:
        return _Claim(
            Finding.PATENT_EXPIRED, 0.45, f"申请于{number.year}年，除非获得期限补偿，保护期限已届满"
        )
    return None


def _formal(number: Number, found: re.Match[str], said: str) -> _Claim | None:
    """Judge a number that may be true: kind stated otherwise, or not written as prescribed."""
    stated = [
        kind for kind, word in _KINDS.items() if f"{word}专利" in said or f"{word}设计" in said
    ]
    if stated and number.type not in stated:
        return _Claim(
            Finding.PATENT_NUMBER,
            0.65,
            f"号码属{number.type.value}专利，与所称类别不符，涉嫌虚假标注",
        )
    if not stated or not found["zl"] or " " in found.group():
        return _Claim(
            Finding.PATENT_FORM, 0.35, "未按规定格式标明中文专利类别和专利号，疑似标注不规范"
        )
    return None
