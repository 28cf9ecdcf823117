"""The config is read whole or refused whole, and every fault is named with file and field."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from leads.model import Finding
from leads.registry import ConfigError, Registry, find_config, load

SOUND = {
    "rights/gi-vinegar.toml": """
        kind = "gi"
        name = "东岭陈醋"
        classes = [30]
        bureau = "149900"
    """,
    "users/gi-vinegar.csv": """\
        company,uscc,shops,source,verified,valid_from,valid_to
        东岭醋业有限公司,,东岭旗舰店;东岭专卖店,公告,true,2020-01-01,
    """,
    "bureaus/149900.toml": """
        name = "东岭市市场监督管理局"
        city = "东岭市"
        counties = ["西沟县"]
    """,
    "laws/old-law.toml": """
        title = "旧法"
        version = "2019年"
        valid_to = 2026-12-31
        verified = true
        [[provisions]]
        article = "第一条"
        findings = ["gi.name"]
        summary = "某种行为"
    """,
    "laws/new-law.toml": """
        title = "新法"
        version = "2026年"
        valid_from = 2027-01-01
        [[provisions]]
        article = "第二条"
        findings = ["gi.name", "gi.origin"]
        summary = "某种行为"
    """,
    "sites/a-market.toml": """
        name = "某市场"
        kind = "market"
        spider = "market"
        url = "https://example.com/"
    """,
    "scoring.toml": """
        lead = 0.6
        review = 0.3
        [matchers]
        names = 1.0
        [defences]
        "商品类别不同" = "none"
    """,
}


def write(root: Path, files: Mapping[str, str | bytes | None]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        elif isinstance(text, bytes):
            path.write_bytes(text)
        else:
            lines = (line.strip() for line in text.splitlines())
            path.write_text("\n".join(lines), encoding="utf-8")
    return root


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write(tmp_path / "config", SOUND)


def faults(root: Path) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as refused:
        load(root)
    return [(fault.file, fault.field) for fault in refused.value.faults]


def test_a_sound_config_is_read(config: Path) -> None:
    registry = load(config)
    assert registry.rights["gi-vinegar"].name == "东岭陈醋"
    (user,) = registry.users["gi-vinegar"]
    assert user.shops == ("东岭旗舰店", "东岭专卖店")
    assert user.uscc is None
    assert user.valid_from == date(2020, 1, 1)
    assert user.verified


BROKEN = {
    "broken TOML": (
        {"rights/gi-vinegar.toml": 'kind = "gi"\nname = "东岭'},
        {("rights/gi-vinegar.toml", "")},
    ),
    "unknown field": (
        {"rights/gi-vinegar.toml": 'kind = "gi"\nname = "东岭陈醋"\ncolour = "black"'},
        {("rights/gi-vinegar.toml", "colour")},
    ),
    "missing field": (
        {"rights/gi-vinegar.toml": 'kind = "gi"'},
        {("rights/gi-vinegar.toml", "name")},
    ),
    "unknown kind": (
        {"rights/gi-vinegar.toml": 'kind = "wish"\nname = "东岭陈醋"'},
        {("rights/gi-vinegar.toml", "kind")},
    ),
    "Nice class that does not exist": (
        {"rights/gi-vinegar.toml": 'kind = "gi"\nname = "东岭陈醋"\nclasses = [30, 46]'},
        {("rights/gi-vinegar.toml", "classes.1")},
    ),
    "area code with a letter": (
        {
            "rights/gi-vinegar.toml": 'kind = "gi"\nname = "东岭陈醋"\n'
            'area = [{ name = "西沟县", code = "14990x" }]'
        },
        {("rights/gi-vinegar.toml", "area.0.code")},
    ),
    "id that repeats the file's name": (
        {"rights/gi-vinegar.toml": 'id = "gi-vinegar"\nkind = "gi"\nname = "东岭陈醋"'},
        {("rights/gi-vinegar.toml", "id")},
    ),
    "file name that is no id": (
        {"rights/GI Rice.toml": 'kind = "gi"\nname = "东岭米"'},
        {("rights/GI Rice.toml", "id")},
    ),
    "end before beginning": (
        {
            "rights/gi-vinegar.toml": 'kind = "gi"\nname = "东岭陈醋"\n'
            "valid_from = 2026-02-01\nvalid_to = 2026-01-31"
        },
        {("rights/gi-vinegar.toml", "")},
    ),
    "day that does not exist": (
        {"rights/gi-vinegar.toml": 'kind = "gi"\nname = "东岭陈醋"\nvalid_from = "2026-02-30"'},
        {("rights/gi-vinegar.toml", "valid_from")},
    ),
    "text in another encoding": (
        {"rights/gi-vinegar.toml": 'kind = "gi"\nname = "东岭陈醋"'.encode("gb18030")},
        {("rights/gi-vinegar.toml", "")},
    ),
    "missing bureau": (
        {"rights/gi-vinegar.toml": 'kind = "gi"\nname = "东岭陈醋"\nbureau = "140000"'},
        {("rights/gi-vinegar.toml", "bureau")},
    ),
    "two rights with one name for the same goods": (
        {"rights/gi-other.toml": 'kind = "gi"\nname = "东岭陈醋"\nclasses = [30, 32]'},
        {("rights/gi-vinegar.toml", "name")},
    ),
    "picture that is not there": (
        {"rights/gi-vinegar.toml": 'kind = "gi"\nname = "东岭陈醋"\nlogos = ["rights/logo.png"]'},
        {("rights/gi-vinegar.toml", "logos")},
    ),
    "picture outside the config": (
        {"rights/gi-vinegar.toml": 'kind = "gi"\nname = "东岭陈醋"\nphotos = ["../../secret.png"]'},
        {("rights/gi-vinegar.toml", "photos")},
    ),
    "picture with a name no system has": (
        {"rights/gi-vinegar.toml": 'kind = "gi"\nname = "东岭陈醋"\nphotos = ["a\\u0000b"]'},
        {("rights/gi-vinegar.toml", "photos")},
    ),
    "lists without end": (
        {"sites/a-market.toml": "x = " + "[" * 100_000},
        {("sites/a-market.toml", "")},
    ),
    "users of an unknown right": (
        {"users/gi-nothing.csv": "company\n某公司\n"},
        {("users/gi-nothing.csv", "")},
    ),
    "cells without meaning": (
        {
            "users/gi-vinegar.csv": "company,verified,valid_from\n好公司,true,\n,true,\n"
            "差公司,maybe,\n晚公司,,2026-13-01\n"
        },
        {
            ("users/gi-vinegar.csv", "第3行 company"),
            ("users/gi-vinegar.csv", "第4行 verified"),
            ("users/gi-vinegar.csv", "第5行 valid_from"),
        },
    ),
    "unknown column": (
        {"users/gi-vinegar.csv": "company,phone\n某公司,123\n"},
        {("users/gi-vinegar.csv", "第2行 phone")},
    ),
    "more cells than columns": (
        {"users/gi-vinegar.csv": "company,uscc\n某公司,,x\n"},
        {("users/gi-vinegar.csv", "第2行 多出的单元格")},
    ),
    "open quotation mark": (
        {"users/gi-vinegar.csv": 'company,uscc\n某公司,\n"别的公司,\n'},
        {("users/gi-vinegar.csv", "第3行")},
    ),
    "CSV in another encoding": (
        {"users/gi-vinegar.csv": "company\n某公司\n".encode("gb18030")},
        {("users/gi-vinegar.csv", "")},
    ),
    "law without provisions": (
        {"laws/old-law.toml": 'title = "旧法"\nversion = "2019年"\nprovisions = []'},
        {("laws/old-law.toml", "provisions")},
    ),
    "provision on an unknown finding": (
        {
            "laws/old-law.toml": 'title = "旧法"\nversion = "2019年"\n[[provisions]]\n'
            'article = "第一条"\nfindings = ["gi.wish"]\nsummary = "某种行为"'
        },
        {("laws/old-law.toml", "provisions.0.findings.0")},
    ),
    "bureau named by a city, not a code": (
        {"bureaus/dongling.toml": 'name = "东岭局"\ncity = "东岭市"'},
        {("bureaus/dongling.toml", "code")},
    ),
    "site with a broken address": (
        {
            "sites/a-market.toml": 'name = "某市场"\nkind = "market"\nspider = "market"\n'
            'url = "file:///etc/passwd"'
        },
        {("sites/a-market.toml", "url")},
    ),
    "weight above one": (
        {"scoring.toml": "lead = 0.6\nreview = 0.3\nmatchers = { names = 2 }\ndefences = {}"},
        {("scoring.toml", "matchers.names")},
    ),
    "no scoring": ({"scoring.toml": None}, {("scoring.toml", "")}),
}


@pytest.mark.parametrize(("files", "expected"), BROKEN.values(), ids=BROKEN.keys())
def test_a_fault_is_named_with_its_file_and_field(
    config: Path, files: Mapping[str, str | bytes | None], expected: set[tuple[str, str]]
) -> None:
    assert set(faults(write(config, files))) == expected


def test_every_fault_is_told_at_once(config: Path) -> None:
    write(
        config,
        {
            "rights/gi-vinegar.toml": 'kind = "gi"\nname = "东岭\n',
            "rights/gi-rice.toml": 'kind = "gi"\nname = ""\nbureaus = "149900"',
            "users/gi-nothing.csv": "company\n某公司\n",
            "laws/old-law.toml": 'title = "旧法"',
            "scoring.toml": None,
        },
    )
    assert faults(config) == [
        ("laws/old-law.toml", "provisions"),
        ("laws/old-law.toml", "version"),
        ("rights/gi-rice.toml", "bureaus"),
        ("rights/gi-rice.toml", "name"),
        ("rights/gi-vinegar.toml", ""),
        ("scoring.toml", ""),
        ("users/gi-nothing.csv", ""),
    ]


@pytest.mark.parametrize("folder", ["rights", "users", "bureaus", "laws", "sites"])
def test_a_missing_folder_is_a_fault(config: Path, folder: str) -> None:
    for file in (config / folder).iterdir():
        file.unlink()
    (config / folder).rmdir()
    assert (f"{folder}/", "") in faults(config)


def test_a_folder_in_place_of_a_file_is_a_fault(config: Path) -> None:
    (config / "rights/gi-folder.toml").mkdir()
    assert faults(config) == [("rights/gi-folder.toml", "")]


def test_a_broken_entry_is_not_reported_a_second_time_by_those_that_need_it(config: Path) -> None:
    write(config, {"rights/gi-vinegar.toml": "=", "bureaus/149900.toml": "="})
    assert faults(config) == [("bureaus/149900.toml", ""), ("rights/gi-vinegar.toml", "")]


def test_reasons_are_in_chinese(config: Path) -> None:
    write(config, {"rights/gi-vinegar.toml": 'kind = "gi"\nnam = "东岭陈醋"'})
    with pytest.raises(ConfigError) as refused:
        load(config)
    assert str(refused.value).splitlines() == [
        "rights/gi-vinegar.toml：nam：不认识的字段",
        "rights/gi-vinegar.toml：name：缺少必填项",
    ]


def test_a_name_may_be_shared_in_different_classes(config: Path) -> None:
    write(
        config,
        {
            "rights/brand-pine-bikes.toml": 'kind = "trademark"\nname = "青松"\nclasses = [12]',
            "rights/brand-pine-shoes.toml": 'kind = "trademark"\nname = "青松"\nclasses = [25]',
        },
    )
    assert {"brand-pine-bikes", "brand-pine-shoes"} <= load(config).rights.keys()


def test_a_byte_order_mark_is_no_fault(config: Path) -> None:
    for name in ("users/gi-vinegar.csv", "rights/gi-vinegar.toml"):
        path = config / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load(config).users["gi-vinegar"][0].company == "东岭醋业有限公司"


def test_the_config_folder_given_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        find_config(tmp_path / "nowhere")
    assert "nowhere" in str(refused.value)


def test_the_config_folder_may_be_named_by_the_environment(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKWATCH_CONFIG", str(config))
    assert find_config() == config


def test_only_the_law_of_the_day_is_cited(config: Path) -> None:
    registry = load(config)

    def cited(finding: Finding, *day: int) -> list[tuple[str, str, bool]]:
        found = registry.provisions(finding, date(*day))
        return [(p.id, p.article, p.verified) for p in found]

    old = ("old-law#第一条", "《旧法》（2019年）第一条", True)
    new = ("new-law#第二条", "《新法》（2026年）第二条", False)
    assert cited(Finding.GI_NAME, 2026, 12, 31) == [old]
    assert cited(Finding.GI_NAME, 2027, 1, 1) == [new]
    assert cited(Finding.GI_ORIGIN, 2026, 12, 31) == []


PLACES = {
    # as sites and licences write a place
    "山西 太原": "140100",
    "山西省太原市清徐县": "140100",
    "中国山西省临汾市": "141000",
    "中国 山西 临汾 吉县": "141000",
    "太原": "140100",
    "太原市小店区长治路1号": "140100",
    "晋中平遥": "140700",
    "大同云州区": "140200",
    "平遥县": "140700",
    "平遥": "140700",
    "山西平遥古城东大街": "140700",
    "产自山西平遥": "140700",
    "山西长子": "140400",
    "山西省沁县": "140400",
    "新绛县": "140800",
    "绛县": "140800",
    "山西榆次区街道": "140700",
    "太原市长风街山西大厦": "140100",
    "山西省忻州市原平市": "140900",
    # divisions that were renamed
    "山西省太谷县": "140700",
    "怀仁县": "140600",
    "长治县": "140400",
    "大同县": "140200",
    "大同市南郊区": "140200",
    # districts that bear a name common to many cities need theirs
    "阳泉市矿区": "140300",
    "晋城城区": "140500",
    "城区": None,
    "山西省城区": None,
    "郊区": None,
    # the name of a firm begins with its division
    "太原双合成食品有限公司": "140100",
    "山西省平遥牛肉集团有限公司": "140700",
    "大同机械（东莞）有限公司": None,
    "永和食品有限公司": None,
    # words and streets that only look like a place here
    "大同小异": None,
    "长治久安": None,
    "天下大同": None,
    "大同市场街8号": None,
    "上海市徐汇区太原路25号": None,
    "南京市山西路128号": None,
    "上海 大同镇": None,
    "大庆市大同区": None,
    "黑龙江 大同": None,
    "浙江长兴县": None,
    "绍兴县": None,
    "河北邢台": None,
    "山西": None,
    "山西省": None,
    "": None,
    "  ": None,
    "·、/": None,
}


@pytest.mark.parametrize(("place", "code"), PLACES.items())
def test_a_place_leads_to_the_bureau_of_its_city(
    watched: Registry, place: str, code: str | None
) -> None:
    bureau = watched.bureau_of(place)
    assert (bureau.code if bureau else None) == code


def test_no_place_leads_to_no_bureau(watched: Registry) -> None:
    assert watched.bureau_of(None) is None


def test_every_division_of_a_bureau_leads_to_it_with_its_city(watched: Registry) -> None:
    for bureau in watched.bureaus.values():
        for county in bureau.counties:
            assert watched.bureau_of(bureau.city + county) == bureau
            assert watched.bureau_of(f"山西 {bureau.city.removesuffix('市')} {county}") == bureau
