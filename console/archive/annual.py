"""The yearly workbook of special-mark use: users, listings by month, doubtful use, outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date

from console.archive.usage import UserYear, span
from console.workbooks import Sheet, Value, workbook
from leads.beijing import BEIJING, told
from leads.fields import Field
from leads.model import Finding, Right
from leads.query import And, Compare, Query, Term
from leads.store import Sort, Standing, Store
from matchers.text.credit_codes import is_credit_code

MONTHS = range(1, 13)
_USERS = (
    "企业名称", "统一社会信用代码", "代码校验", "核准起", "核准止", "名单已核对", "网上商品",
    "其中标题用名称", "其中图片见专用标志", "其中仅相似或不清", "店铺", "结论",
)  # fmt: skip
_MISUSE = (
    "线索编号", "发现时间", "平台", "店铺", "企业", "标题", "理由", "状态", "最近处理", "处理理由",
)  # fmt: skip


def doubted(right: str, year: int, narrow: Query | None = None) -> Query:
    """Return what asks for a year's leads about the special mark of a right."""
    when = span(year)
    return And(
        (
            *((narrow,) if narrow else ()),
            Term(Field.RIGHT_ID, right),
            Term(Field.FINDING, Finding.GI_SIGN.value),
            Compare(Field.FOUND_AT, ">=", when.began.astimezone(UTC)),
            Compare(Field.FOUND_AT, "<", when.ended.astimezone(UTC)),
        )
    )


def code_told(code: str | None) -> str:
    """Say what the check digit of a credit code tells."""
    if not code:
        return "未录入"
    return "相符" if is_credit_code(code) else "不符"


def annual(
    store: Store, right: Right, users: Sequence[UserYear], year: int, made: date,
    narrow: Query | None = None,
) -> bytes:  # fmt: skip
    """Return the workbook of one GI as XLSX.

    Args:
        store: where the leads lie.
        right: the GI.
        users: what was seen of its users; see :func:`console.archive.usage.users_seen`.
        year: of the calendar in Beijing.
        made: the day it is made.
        narrow: only these leads, where somebody may not see all.
    """
    leads = list(store.find(doubted(right.id, year, narrow), Sort.OLDEST))
    return workbook(
        [
            Sheet("情况", ("项目", "内容"), _facts(right, users, leads, year, made), (24, 60)),
            Sheet("使用人", _USERS, map(_user, users), (36, 22)),
            Sheet("逐月", ("月份", "使用人带标商品", "疑似擅用线索"), _months(users, leads)),
            Sheet(
                "疑似擅用",
                _MISUSE,
                (_lead(store, one) for one in leads),
                (16, 20, 10, 24, 30, 50, 60),
            ),
        ]
    )


def _facts(
    right: Right, users: Sequence[UserYear], leads: Sequence[Standing], year: int, made: date
) -> Iterator[Sequence[Value]]:
    yield "地理标志", right.name
    yield "代号", right.id
    yield "年度", year
    yield "制表日期", made.isoformat()
    yield "权利人", right.holder or "未录入"
    yield "授权使用人", len(users)
    yield "其中名单未经核对", sum(not one.user.verified for one in users)
    yield "网上见到的使用人", sum(bool(one.listings) for one in users)
    yield "使用人带标商品", sum(one.shown for one in users)
    yield "疑似擅用专用标志的线索", len(leads)
    yield "权利资料", "已核对" if right.verified else "未经核对，使用前须与官方公告核对"
    yield "来源", right.source or "未注明"
    yield (
        "说明",
        (
            "只计采集到的网上商品；未见不等于未使用。商品在首次至最近一次见到之间的各月都计数；"
            "线索计入发现的月份。线索为疑似，是否违法由执法人员认定。"
        ),
    )


def _user(one: UserYear) -> list[Value]:
    user = one.user
    return [
        user.company,
        user.uscc or "",
        code_told(user.uscc),
        user.valid_from.isoformat() if user.valid_from else "",
        user.valid_to.isoformat() if user.valid_to else "",
        "是" if user.verified else "否",
        one.listings,
        one.named,
        one.shown,
        one.alike,
        "；".join(sorted(one.shops)),
        conclusion(one),
    ]


def conclusion(one: UserYear) -> str:
    """Say in a word what was seen of a user."""
    if not one.listings:
        return "网上未见"
    if one.shown:
        return "网上可见，带专用标志"
    return "仅见相似或不清的标志，待人工辨认" if one.alike else "网上可见，未见专用标志"


def _months(users: Sequence[UserYear], leads: Sequence[Standing]) -> Iterator[Sequence[Value]]:
    found = [standing.lead.found_at.astimezone(BEIJING).month for standing in leads]
    for month in MONTHS:
        yield f"{month} 月", sum(one.months[month] for one in users), found.count(month)
    yield "合计", sum(one.shown for one in users), len(found)


def _lead(store: Store, standing: Standing) -> list[Value]:
    lead = standing.lead
    listing, seller = lead.listing, lead.listing.seller
    last = next(reversed(store.judgements(lead.id)), None)
    hit = next(hit for hit in lead.hits if hit.finding is Finding.GI_SIGN)
    return [
        lead.id,
        told(lead.found_at),
        listing.site or "",
        (seller.name if seller else None) or "",
        (seller.company if seller else None) or "",
        listing.title,
        hit.reason,
        standing.state.value,
        f"{told(last.at)} {last.by}" if last else "尚未处理",
        last.reason if last else "",
    ]
