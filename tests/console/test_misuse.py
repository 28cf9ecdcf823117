"""Wrong use: every command says in Chinese what is wrong and where, and exits with a code."""

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.cli import main
from leads.store import open_store

ROOT = Path(__file__).parent.parent.parent
CITY = 'name = "太原市市场监督管理局"\ncity = "太原市"\n'

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder: a small config, a store, and things that are not what they should be."""
    for name in ("rights", "users", "bureaus", "laws", "sites"):
        (tmp_path / "config" / name).mkdir(parents=True)
    shutil.copy(ROOT / "config" / "scoring.toml", tmp_path / "config")
    (tmp_path / "config" / "bureaus" / "140100.toml").write_text(CITY, "utf-8")
    with open_store(f"sqlite:///{tmp_path}/ok.db"):
        pass
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("not what it should be\n" * 99, "utf-8")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "zip").write_bytes(b"PK\x03\x04junk")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARKWATCH_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("MARKWATCH_STORE", "sqlite:///ok.db")
    monkeypatch.setenv("MARKWATCH_VAULT", "vault")
    return tmp_path


@pytest.fixture
def run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Run ``markwatch`` in the folder; give its exit code, stdout and stderr."""

    def markwatch(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["markwatch", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), *capsys.readouterr()

    loggers = [logging.getLogger(), logging.getLogger("markwatch")]
    before = [logger.handlers[:] for logger in loggers]
    yield markwatch
    for logger, handlers in zip(loggers, before, strict=True):
        logger.handlers[:] = handlers


MISUSE = [
    ("", 2, "命令:"),
    ("practice", 2, "命令:"),
    ("nonsense", 2, "没有命令 'nonsense'"),
    ("leads --nope", 2, "没有选项 '--nope'"),
    ("leads --store foo", 2, "应为 sqlite:///路径"),
    ("leads --store sqlite:///folder", 2, "存储 folder：无法打开"),
    ("leads --store sqlite:///text", 2, "存储 text：不是数据库文件"),
    ("leads --store sqlite:///text/a.db", 2, "存储 text/a.db：没有这个文件"),
    ("leads a:b", 2, "没有“a”这个字段"),
    ("leads ((", 2, "查询第 3 个字符处"),
    ("leads --limit 0", 2, "'--limit'"),
    ("leads --format pdf", 2, "'pdf' 不在可用的值之中"),
    ("leads --format xlsx", 2, "xlsx 需要用 -o 给出文件名"),
    ("leads --format csv -o nowhere/a.csv", 2, "nowhere/a.csv：没有这个文件或文件夹"),
    ("leads --format csv -o text/a.csv", 2, "text/a.csv：路径中有一段不是文件夹"),
    ("leads -o folder", 2, "文件 'folder' 是目录"),
    ("leads --config folder", 2, "scoring.toml：缺少这个文件"),
    ("judge", 2, "缺少参数"),
    ("judge L1 --as 排除 --reason 理由", 2, "缺少选项 '--by'"),
    ("judge L1 --as 胜诉 --reason 理由 --by 张三", 2, "没有状态 '胜诉'；可用：新发现、"),
    ("judge L\udcff --as 排除 --reason 理由 --by 张三", 2, "不是 UTF-8 编码的文字"),
    ("judge L1 --as 排除 --reason \udcff --by 张三", 2, "不是 UTF-8 编码的文字"),
    ("judge L1 --as 排除 --reason 理由 --by 张三", 1, "没有线索 L1"),
    ("packet L1 --to 火星 -o out", 2, "没有收件单位 '火星'；可用：太原（140100）"),
    ("packet L\udcff --to 太原 -o out", 2, "不是 UTF-8 编码的文字"),
    ("packet L1 --to 太原 -o out", 1, "没有线索 L1"),
    ("packet L1 --to 太原 -o text", 2, "目录 'text' 是文件"),
    ("verify nowhere.zip", 1, "无法读取（没有这个文件或文件夹）"),
    ("verify folder", 1, "无法读取（这是文件夹，不是文件）"),
    ("verify zip bytes", 1, "bytes：不是证据包"),
    ("match nowhere", 2, "'nowhere'"),
    ("match folder", 2, "'folder'"),
    ("match --on 2026-13-01 text", 2, "'2026-13-01' 不是日期"),
    ("match --marks folder text", 2, "文件 'folder' 是目录"),
    ("match --marks bytes text", 2, "bytes：不是可读的 CSV"),
    ("match text", 1, "第 99 行：不是合法的 JSON"),
    ("match bytes", 1, "第 1 行：不是合法的 JSON"),
    ("rematch --since 0001-01-01", 2, "早于 1900 年"),
    ("rematch --right nope", 2, "没有这些权利：nope"),
    ("check --config text", 2, "目录 'text' 是文件"),
    ("crawl", 2, "没有备齐采集条件"),
    ("crawl --query \udcff", 2, "不是 UTF-8 编码的文字"),
    ("crawl nope", 2, "没有配置网站 nope"),
    ("import text --as nope", 2, "没有配置网站 nope"),
    ("practice night --size 0", 2, "'--size'"),
    ("practice night --folder .", 2, "目录 . 中有别的内容"),
    ("practice night --folder text/night", 2, "text/night：路径中有一段不是文件夹"),
    ("practice serve --port 99999", 2, "'--port'"),
    ("leads --store sqlite:///no.db", 2, "存储 no.db：没有这个文件"),
    ("packet L0 --to 太原 --store sqlite:///no.db -o p", 2, "存储 no.db：没有这个文件"),
    ("judge L0 --as 排除 --reason x --by y --store sqlite:///no.db", 2, "没有这个文件"),
    ("leads --sort 随便", 2, "没有顺序 '随便'"),
    ("queue --store sqlite:///text", 2, "存储 text：不是数据库文件"),
    ("site new -x", 2, "没有选项"),
    ("site new a_b", 2, "代号只能用小写字母、数字和连字符"),
    ("site new ../escape", 2, "代号只能用小写字母、数字和连字符"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "code", "told"), MISUSE)
def test_wrong_use_is_told_on_stderr(run: Run, words: str, code: int, told: str) -> None:
    ended, _, err = run(*words.split())
    assert (ended, told in err) == (code, True), err


def test_an_empty_store_is_no_error(run: Run) -> None:
    for words in ("leads", "rematch", "queue", "leads --format jsonl", "leads --format csv"):
        assert run(*words.split())[0] == 0


def pipe(*words: str, reader: str) -> int:
    """Return the exit code of a command whose stdout a shell reads."""
    line = f'{sys.executable} -m console.cli "$@" | {reader}; exit ${{PIPESTATUS[0]}}'
    command = ["bash", "-c", line, "bash", *words]
    return subprocess.run(command, check=False, cwd=ROOT, env=os.environ).returncode


def test_a_reader_that_has_heard_enough_is_no_error(folder: Path) -> None:
    many = folder / "many.jsonl"
    many.write_text('{"title":"手工挂面"}\n' * 20_000, "utf-8")
    assert pipe("match", str(many), reader="head -1 > /dev/null") == 0


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("crawl shop --query 陈醋", 1, "某市场：没有一页可以读取"),
        ("crawl shop --query 陈醋 --vault text/vault", 2, "路径中有一段不是文件夹"),
        ("crawl shop --store sqlite:///text", 2, "存储 text：不是数据库文件"),
        ("check", 2, "sites/other.toml：spider：crawlers/sites 中没有 'nowhere'"),
        ("crawl other", 2, "sites/other.toml：spider：crawlers/sites 中没有 'nowhere'"),
    ],
)
def test_a_crawl_far_from_the_checkout_says_what_keeps_it(
    folder: Path, words: str, code: int, told: str
) -> None:
    entry = 'name = "某市场"\nkind = "market"\nurl = "http://127.0.0.1:9/"\npractice = true\n'
    (folder / "config" / "sites" / "shop.toml").write_text(entry + 'spider = "market"\n', "utf-8")
    (folder / "config" / "sites" / "other.toml").write_text(entry + 'spider = "nowhere"\n', "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "console.cli", *words.split()],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert (done.returncode, told in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
