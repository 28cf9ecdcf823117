"""What lies in ``deploy/`` is held against the commands there are, and against systemd itself."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from console.cli import cli

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
SERVICES = sorted(DEPLOY.glob("*.service"))
UNITS = [*SERVICES, *sorted(DEPLOY.glob("*.timer"))]
BINARY = "/opt/markwatch/.venv/bin/markwatch"


def settings(unit: Path) -> list[tuple[str, str]]:
    lines = unit.read_text(encoding="utf-8").splitlines()
    found = [line.partition("=") for line in lines if line and line[0] not in "#[ "]
    return [(name, value) for name, _, value in found]


def value(unit: Path, name: str) -> str:
    return dict(settings(unit))[name]


def commands() -> Iterator[tuple[str, list[str]]]:
    for unit in SERVICES:
        yield unit.name, shlex.split(value(unit, "ExecStart").replace("%I", "2/5"))
    for line in (DEPLOY / "markwatch.cron").read_text(encoding="utf-8").splitlines():
        if BINARY in line:
            yield "markwatch.cron", shlex.split(line[line.index(BINARY) :])


COMMANDS = list(commands())


@pytest.mark.parametrize(("file", "words"), COMMANDS, ids=[file for file, _ in COMMANDS])
def test_every_command_that_is_started_is_one_that_there_is(file: str, words: list[str]) -> None:
    binary, name, *arguments = words
    assert binary == BINARY
    command = cli.get_command(click.Context(cli), name)
    assert command is not None, f"{file}: {name}"
    command.make_context(
        name, arguments, parent=click.Context(cli)
    )  # refuses what it does not know


def test_units_that_belong_together_differ_only_in_what_they_start() -> None:
    for kind in ("service", "timer"):
        one = settings(DEPLOY / f"markwatch-nightly.{kind}")
        share = settings(DEPLOY / f"markwatch-nightly@.{kind}")
        differing = {name for ours, theirs in zip(one, share, strict=True) if ours != theirs
                     for name, _ in (ours, theirs)}  # fmt: skip
        assert differing <= {"Description", "ExecStart"}


def test_the_timer_rings_in_the_window_of_the_night_and_makes_up_for_what_was_missed() -> None:
    timer = DEPLOY / "markwatch-nightly.timer"
    schedule = (ROOT / "config" / "schedule.toml").read_text(encoding="utf-8")
    begins = re.search(r"^window = \[(\d\d:\d\d:\d\d)", schedule, re.M)
    assert begins
    assert value(timer, "OnCalendar") == f"*-*-* {begins[1]} Asia/Shanghai"
    assert value(timer, "Persistent") == "true"
    assert f"{int(begins[1][3:5])} {int(begins[1][:2])} * * *" in (
        DEPLOY / "markwatch.cron"
    ).read_text(encoding="utf-8")


def test_nobody_runs_as_root_and_private_networks_are_out_of_reach() -> None:
    sandbox = DEPLOY / "markwatch-.service.d" / "sandbox.conf"
    kept = settings(sandbox)
    assert ("User", "markwatch") in kept
    assert ("NoNewPrivileges", "yes") in kept
    assert ("ProtectSystem", "strict") in kept
    denied = " ".join(ranges for name, ranges in kept if name == "IPAddressDeny").split()
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "link-local", "fc00::/7"} <= set(
        denied
    )
    for unit in SERVICES:
        assert not {"User", "IPAddressDeny", "IPAddressAllow"} & dict(settings(unit)).keys()
        assert value(unit, "MemoryMax")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    shutil.copytree(DEPLOY, tmp_path, dirs_exist_ok=True)
    for unit in tmp_path.glob("*.service"):  # it asks for the binary, which is not installed here
        unit.write_text(unit.read_text(encoding="utf-8").replace(BINARY, "/bin/true"))
    names = [unit.name.replace("@", "@2-5") for unit in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", *names],
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
