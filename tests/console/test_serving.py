"""The console is open to other machines only with log-in and over HTTPS."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.cli import main
from console.web.people import People, Role


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cert.pem").write_text("x", encoding="utf-8")
    loggers = [logging.getLogger(), logging.getLogger("markwatch")]
    before = [logger.handlers[:] for logger in loggers]
    yield tmp_path
    for logger, handlers in zip(loggers, before, strict=True):
        logger.handlers[:] = handlers


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["markwatch", "console", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    "arguments, told",
    [
        (("--host", "0.0.0.0"), "请加 --team"),  # noqa: S104
        (("--host", "0.0.0.0", "--behind-https"), "请加 --team"),  # noqa: S104
        (("--host", "0.0.0.0", "--team"), "明文传送"),  # noqa: S104
        (("--team", "--cert", "cert.pem"), "须一起给出"),
    ],
)
def test_what_would_be_open_to_listeners_is_refused(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    told: str,
) -> None:
    assert run(monkeypatch, *arguments) == 2
    assert told in capsys.readouterr().err


def test_people_are_added_by_a_command_that_refuses_what_the_console_does(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    password = ("--password", "battery staple")
    assert run(monkeypatch, "add", "张三", "--role", "administrator", *password) == 0
    refused = ("add", "李四", "--role", "administrator", "--city", "140100", *password)
    assert run(monkeypatch, *refused) == 2
    assert run(monkeypatch, "add", "李四", "--role", "reader", "--password", "short") == 2
    people = People(folder / "var/console/console.db")
    assert [(one.person.name, one.person.role) for one in people.all()] == [
        ("张三", Role.ADMINISTRATOR)
    ]
    people.close()
