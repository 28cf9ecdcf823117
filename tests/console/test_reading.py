"""check, extract and match: records on stdout, complaints on stderr, exit codes to rely on."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from console.reading import check, explain, extract, match
from leads.registry import ConfigError


def run(command: object, *words: str | Path, stdin: str | bytes = "") -> Result:
    result = CliRunner().invoke(command, list(map(str, words)), input=stdin, standalone_mode=False)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def records(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_disguised_mark_is_reported_where_it_stands_in_the_original() -> None:
    result = run(match, "-", stdin='{"ref":"1","title":"正宗【康 師·傅】红烧牛肉面"}\n')
    (record,) = records(result)
    (hit,) = record["hits"]
    assert record["triage"] == "lead"
    assert hit["finding"] == "brand.identical"
    assert hit["spans"] == [{"field": "title", "start": 3, "end": 8, "text": "康 師·傅"}]
    assert hit["provisions"]


def test_the_same_input_gives_the_same_output() -> None:
    line = '{"ref":"1","title":"山西老陈醋 东湖 康师傅 回力 平遥牛肉","origin":"河北"}\n'
    assert run(match, stdin=line).stdout == run(match, stdin=line).stdout


def test_a_malformed_line_is_named_and_the_rest_goes_on() -> None:
    result = run(
        match, stdin='{"ref":"1"}\nnot json\n{"title":"陈醋","colour":1}\n{"title":"好"}\n'
    )
    assert result.return_value == 1
    assert [record["triage"] for record in records(result)] == ["none"]
    first, second, third = result.stderr.splitlines()
    assert first == "第 1 行：title：缺少必填项"
    assert second.startswith("第 2 行：不是合法的 JSON")
    assert third == "第 3 行：colour：不认识的字段"


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-12:00",
        "2026-11-22T01:30:00",
        "昨天",
    ],
)
def test_a_time_that_no_zone_can_tell_is_named(moment: str) -> None:
    result = run(match, stdin=f'{{"title":"陈醋","captured_at":"{moment}"}}\n')
    assert (result.return_value, result.stdout) == (1, "")
    assert result.stderr.startswith("第 1 行：captured_at：")


def test_a_file_saved_with_a_mark_of_its_encoding_is_read() -> None:
    assert len(records(run(match, stdin='\ufeff{"title":"陈醋"}\r\n{"title":"陈醋"}\r\n'))) == 2


def test_bytes_that_are_no_text_are_named_too() -> None:
    result = run(match, stdin=b'{"title":"\xff\xfe"}\n{"title":"\xe5\xa5\xbd"}\n')
    assert result.return_value == 1
    assert len(records(result)) == 1


def test_a_hit_cites_the_law_of_the_day() -> None:
    line = '{"title":"【康 師·傅】红烧牛肉面"}\n'

    def laws(day: str) -> set[str]:
        (record,) = records(run(match, "--on", day, stdin=line))
        return {provision["id"].split("#")[0] for provision in record["hits"][0]["provisions"]}

    assert "tm-2019" in laws("2026-12-31")
    assert "tm-2019" not in laws("2027-01-01")
    assert "tm-2026" in laws("2027-01-01")


def test_other_marks_are_watched_instead(tmp_path: Path) -> None:
    marks = tmp_path / "marks.csv"
    marks.write_text("id,kind,name,aliases,classes,area\nm1,trademark,泉林居,,30,\n", "utf-8")
    result = run(match, "--marks", marks, stdin='{"title":"泉·林·居 挂面"}\n{"title":"康·师·傅"}\n')
    assert [len(record["hits"]) for record in records(result)] == [1, 0]


def test_a_marks_file_with_a_wrong_column_is_refused(tmp_path: Path) -> None:
    marks = tmp_path / "marks.csv"
    marks.write_text("id,kind,nome\n", "utf-8")
    with pytest.raises(ConfigError, match="nome"):
        run(match, "--marks", marks)


def test_a_file_without_listing_gives_one_line_that_says_why(tmp_path: Path) -> None:
    empty = tmp_path / "empty.html"
    empty.write_bytes(b"")
    missing = tmp_path / "missing.html"
    result = run(extract, empty, missing, tmp_path)
    assert result.return_value == 1
    assert [record["verdict"] for record in records(result)] == ["empty", "damaged", "unsupported"]
    assert all(record["file"] and record["reason"] for record in records(result))


def test_the_real_config_is_sound() -> None:
    assert "配置无误" in run(check).stdout


def test_a_broken_config_is_refused_with_every_fault(tmp_path: Path) -> None:
    (tmp_path / "rights").mkdir()
    (tmp_path / "rights" / "a.toml").write_text("name = \n", "utf-8")
    (tmp_path / "rights" / "b.toml").write_text('nome = "x"\n', "utf-8")
    with pytest.raises(ConfigError) as refused:
        run(check, "--config", tmp_path)
    told = str(refused.value)
    assert "rights/a.toml" in told
    assert "nome" in told
    assert "scoring.toml" in told


def test_explain_says_what_came_near_and_why() -> None:
    told = run(explain, "康帅傅红烧牛肉面 5连包").stdout
    assert "归一化：" in told
    assert "“康帅傅” ~ “康师傅”：字形近似" in told
    assert "结论：优先核查" in told


def test_explain_of_an_innocent_text_says_so() -> None:
    assert run(explain, "手工挂面").stdout.splitlines()[-1] == "结论：无 0.00"


def test_a_wide_search_shows_weaker_likenesses_and_never_fewer() -> None:
    line = '{"title":"新款星九克拿铁咖啡"}\n{"title":"【康 師·傅】牛肉面"}\n{"title":"手工挂面"}\n'
    usual, wide = records(run(match, stdin=line)), records(run(match, "--wide", stdin=line))
    assert all(len(a["hits"]) <= len(b["hits"]) for a, b in zip(usual, wide, strict=True))
    assert wide[2]["triage"] == "none"
