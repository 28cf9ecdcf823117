"""A marks file is read whole, or every fault in it is named."""

from pathlib import Path

import pytest

from leads.faults import ConfigError
from leads.registry import Registry
from matchers.marks import read_marks


def test_marks_take_the_place_of_the_rights(tmp_path: Path, registry: Registry) -> None:
    file = tmp_path / "marks.csv"
    file.write_text(
        "\ufeffid,kind,name,aliases,classes,area\n"
        "m1,trademark,康师傅,Master Kong;康傅,30;32,\n"
        "g1,gi,平遥牛肉,,29,晋中市平遥县;晋中市\n",
        "utf-8",
    )
    watched = read_marks(file, registry)
    assert list(watched.rights) == ["m1", "g1"]
    assert watched.users == {}
    assert watched.rights["m1"].names == ("康师傅", "Master Kong", "康傅")
    assert watched.rights["m1"].classes == (30, 32)
    assert [area.name for area in watched.rights["g1"].area] == ["晋中市平遥县", "晋中市"]
    assert watched.scoring == registry.scoring


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("id,kind,name,colour\n", ["第1行 colour：没有这一列"]),
        ("id,name\n", ["第1行 kind：缺少这一列"]),
        ("", ["第1行 id：缺少这一列", "第1行 name：缺少这一列"]),
        (
            "id,kind,name\na,trademark,甲\na,trademark,乙\nb,patent,丙\n,gi,\n",
            ["第3行 id：a 重复", "第4行 kind：", "第5行 id：", "第5行 name："],
        ),
        ("id,kind,name,classes\na,gi,甲,30;99\n", ["第2行 classes.1："]),
        ("id,kind,name\na,gi,甲,乙\n", ["第2行：单元格多于列"]),
        ('id,kind,name\na,gi,"甲\n', ["不是可读的 CSV"]),
    ],
)
def test_every_fault_is_named_with_its_line_and_column(
    text: str, faults: list[str], tmp_path: Path, registry: Registry
) -> None:
    file = tmp_path / "marks.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as error:
        read_marks(file, registry)
    for fault in faults:
        assert fault in str(error.value)


def test_a_missing_file_and_a_wrong_encoding_are_faults(tmp_path: Path, registry: Registry) -> None:
    with pytest.raises(ConfigError, match="无法读取"):
        read_marks(tmp_path / "none.csv", registry)
    (tmp_path / "gbk.csv").write_bytes("id,kind,name\na,gi,老陈醋".encode("gbk"))
    with pytest.raises(ConfigError, match="不是可读的 CSV"):
        read_marks(tmp_path / "gbk.csv", registry)
