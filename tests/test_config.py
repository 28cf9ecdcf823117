"""The real config: whole, honest about what is from memory, and lawful on the days that matter."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import combinations, pairwise

import pytest

from leads.model import Finding, Right, RightKind
from leads.registry import Registry
from matchers.text.places import named

BEFORE, AFTER = date(2026, 11, 22), date(2027, 1, 2)
"""The trademark law changes on 2027-01-01."""

FIRST_WATCHED = {
    "gi-shanxi-laochencu": "山西老陈醋",
    "gi-pingyao-niurou": "平遥牛肉",
    "gi-qinzhouhuang-xiaomi": "沁州黄小米",
    "gi-jixian-pingguo": "吉县苹果",
    "gi-jishan-banzao": "稷山板枣",
    "gi-taigu-bing": "太谷饼",
    "eu-champagne": "香槟",
    "brand-kangshifu": "康师傅",
    "brand-moutai": "茅台",
    "brand-huawei": "华为",
    "brand-wahaha": "娃哈哈",
    "brand-huili": "回力",
    "brand-liuweizhai": "六味斋",
    "brand-guanyun": "冠云",
    "brand-donghu": "东湖",
    "brand-fenjiu": "汾酒",
    "brand-laoganma": "老干妈",
    "brand-liugehetao": "六个核桃",
}


def test_the_first_watched_rights_keep_their_ids(watched: Registry) -> None:
    assert {id: watched.rights[id].name for id in FIRST_WATCHED} == FIRST_WATCHED


def test_an_id_says_what_kind_of_right_it_is(watched: Registry) -> None:
    kinds = {
        "gi": RightKind.GI,
        "eu": RightKind.GI,
        "brand": RightKind.TRADEMARK,
        "sign": RightKind.SPECIAL_SIGN,
    }
    wrong = {r.id for r in watched.rights.values() if kinds[r.id.split("-")[0]] is not r.kind}
    assert wrong == set()


def test_what_is_from_memory_says_so(watched: Registry) -> None:
    rights = [r for r in watched.rights.values() if not r.verified]
    users = [u for users in watched.users.values() for u in users if not u.verified]
    laws = [law for law in watched.laws.values() if not law.verified]
    assert len(rights) >= 15
    silent = [r for r in (*rights, *users, *laws) if "凭" not in (r.source or "")]
    assert silent == []


def test_a_name_is_shared_only_by_a_mark_and_a_geographical_indication(watched: Registry) -> None:
    bearers: dict[tuple[RightKind, str], set[str]] = defaultdict(set)
    for right in watched.rights.values():
        for name in right.names:
            bearers[right.kind, name.casefold()].add(right.id)
    assert {key: ids for key, ids in bearers.items() if len(ids) > 1} == {}


def test_every_name_is_long_enough_to_mean_something(watched: Registry) -> None:
    short = [(r.id, n) for r in watched.rights.values() for n in r.names if len(n) < 2]
    assert short == []


@pytest.mark.parametrize("day", [BEFORE, AFTER], ids=str)
@pytest.mark.parametrize("finding", Finding)
def test_every_finding_rests_on_a_provision_in_force(
    watched: Registry, finding: Finding, day: date
) -> None:
    provisions = watched.provisions(finding, day)
    assert provisions
    assert len({p.id for p in provisions}) == len(provisions)


# Where the law changes with the year, and what an officer must cite on either side.
TRADEMARK_LAW = {
    Finding.BRAND_IDENTICAL: ("第五十七条第（一）项", "第七十二条第（一）项"),
    Finding.BRAND_IMITATION: ("第五十七条第（二）项", "第七十二条第（二）项"),
    Finding.GI_ORIGIN: ("第十六条第一款", "第二十三条第一款"),
    Finding.MARK_MANDATORY: ("第六条", "第八条"),
    Finding.MARK_CLAIM: ("第十四条第五款", "第六十四条"),
}


@pytest.mark.parametrize(("finding", "articles"), TRADEMARK_LAW.items())
def test_the_trademark_law_of_the_day_is_cited(
    watched: Registry, finding: Finding, articles: tuple[str, str]
) -> None:
    old, new = articles
    before = {p.id for p in watched.provisions(finding, date(2026, 12, 31))}
    after = {p.id for p in watched.provisions(finding, date(2027, 1, 1))}
    assert f"tm-2019#{old}" in before
    assert f"tm-2026#{new}" in after
    assert not any(id.startswith("tm-2026#") for id in before)
    assert not any(id.startswith("tm-2019#") for id in after)


def test_two_versions_of_a_law_follow_each_other_without_gap_or_overlap(watched: Registry) -> None:
    by_title = defaultdict(list)
    for law in watched.laws.values():
        by_title[law.title].append(law)
    for versions in by_title.values():
        versions.sort(key=lambda law: law.valid_from or date.min)
        for older, newer in pairwise(versions):
            assert older.valid_to is not None
            assert newer.valid_from == older.valid_to + timedelta(days=1)


def test_a_provision_from_memory_is_marked_where_an_officer_reads_it(watched: Registry) -> None:
    cited = {p.id.split("#")[0]: p.verified for p in watched.provisions(Finding.GI_NAME, BEFORE)}
    assert cited["tm-2019"] is True
    assert cited["gi-products-2024"] is False


def test_the_eleven_cities_of_shanxi_have_a_bureau(watched: Registry) -> None:
    cities = {code: bureau.city for code, bureau in watched.bureaus.items()}
    assert cities == {
        "140100": "太原市",
        "140200": "大同市",
        "140300": "阳泉市",
        "140400": "长治市",
        "140500": "晋城市",
        "140600": "朔州市",
        "140700": "晋中市",
        "140800": "运城市",
        "140900": "忻州市",
        "141000": "临汾市",
        "141100": "吕梁市",
    }
    assert sum(len(bureau.counties) for bureau in watched.bureaus.values()) == 117


def test_only_common_district_names_lie_in_two_cities(watched: Registry) -> None:
    shared = {
        county
        for one, other in combinations(watched.bureaus.values(), 2)
        for county in set(one.counties) & set(other.counties)
    }
    assert shared == {"城区"}


def test_an_area_bears_the_code_of_the_division_it_names(watched: Registry) -> None:
    wrong = [
        (right.id, area)
        for right in watched.rights.values()
        for area in right.area
        if area.code and area.code not in list(named(area.name))[-1]
    ]
    assert wrong == []


def test_a_gi_of_shanxi_has_an_area_and_the_bureau_of_its_city(watched: Registry) -> None:
    gis = [r for r in watched.rights.values() if r.kind is RightKind.GI and _in_shanxi(r)]
    assert len(gis) >= 111
    for gi in gis:
        bureau = watched.bureau_of(f"山西省{gi.area[0].name}")
        assert bureau is not None
        assert gi.bureau == bureau.code


def _in_shanxi(right: Right) -> bool:
    return any(area.code and area.code.startswith("14") for area in right.area)


def test_goods_and_their_classes_are_known_but_for_signs(watched: Registry) -> None:
    bare = {
        r.id
        for r in watched.rights.values()
        if r.kind is not RightKind.SPECIAL_SIGN and not (r.goods and r.classes)
    }
    assert bare == set()


FOOD_AND_DRINK = {29, 30, 31, 32, 33}
CLASSES_OF_GOODS = {
    "醋": {30},
    "白酒": {33},
    "葡萄酒": {33},
    "啤酒": {32},
    "茶叶": {30},
    "火腿": {29},
    "奶酪": {29},
    "核桃": {29, 31},
    "洗衣粉": {3},
    "牙膏": {3},
    "手机": {9},
    "运动鞋": {25},
    "自行车": {12},
    "香烟": {34},
}


@pytest.mark.parametrize(("goods", "classes"), CLASSES_OF_GOODS.items())
def test_the_classes_of_a_right_suit_its_goods(
    watched: Registry, goods: str, classes: set[int]
) -> None:
    protecting = [r for r in watched.rights.values() if goods in r.goods]
    assert protecting
    assert [r.id for r in protecting if not classes & set(r.classes)] == []


def test_a_word_of_another_meaning_never_denies_the_rights_own_goods(watched: Registry) -> None:
    denied = [
        (right.id, word)
        for right in watched.rights.values()
        for word in right.not_goods
        if any(word in own for own in (*right.goods, *right.names))
    ]
    assert denied == []


def test_a_variety_is_a_word_of_the_name(watched: Registry) -> None:
    foreign = [
        (right.id, word)
        for right in watched.rights.values()
        for word in right.variety
        if not any(word in name for name in right.names)
    ]
    assert foreign == []


def test_no_credit_code_is_given_that_nobody_compared_with_the_register(
    watched: Registry,
) -> None:
    unchecked = [
        (right, user.company)
        for right, users in watched.users.items()
        for user in users
        if user.uscc and not user.verified
    ]
    assert unchecked == []


def test_a_firm_stands_once_among_the_users_of_a_right(watched: Registry) -> None:
    for users in watched.users.values():
        assert len({user.company for user in users}) == len(users)
