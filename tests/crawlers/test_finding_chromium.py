"""Which Chromium is used, how it is started, and what a machine without one is told."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from crawlers.browser import NAMES, domains, find_chromium, launch_options, missing
from leads.site import Site


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Make the PATH a folder with these programs."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("MARKWATCH_CHROMIUM", raising=False)

    def make(*names: str) -> Path:
        for name in names:
            (tmp_path / name).write_text("#!/bin/sh\n")
            (tmp_path / name).chmod(0o755)
        return tmp_path

    return make


@pytest.mark.parametrize("name", NAMES)
def test_a_chromium_on_the_path_is_found(programs: Callable[..., Path], name: str) -> None:
    assert find_chromium() is None
    folder = programs(name)
    assert find_chromium() == folder / name


def test_the_chromium_that_is_named_goes_first_and_alone(
    programs: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = programs("chromium", "own")
    monkeypatch.setenv("MARKWATCH_CHROMIUM", str(folder / "own"))
    assert find_chromium() == folder / "own"
    monkeypatch.setenv("MARKWATCH_CHROMIUM", str(folder / "gone"))
    assert find_chromium() is None
    monkeypatch.setenv("MARKWATCH_CHROMIUM", "")
    assert find_chromium() is None


def test_a_machine_without_chromium_is_told_how_to_get_one(
    programs: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    programs()
    assert "apt-get install chromium" in str(missing())
    monkeypatch.setenv("MARKWATCH_CHROMIUM", "/nowhere")
    assert "'/nowhere'" in str(missing())


@pytest.mark.parametrize(
    ("url", "more", "expected"),
    [
        ("https://list.shop.example.com.cn/", (), {"example.com.cn"}),
        ("https://shop.example.com/", ("cdn.example.net",), {"example.com", "cdn.example.net"}),
        ("http://127.0.0.1:8377/", (), {"127.0.0.1"}),
        ("http://localhost/", (), {"localhost"}),
    ],
)
def test_the_browser_may_visit_the_site_s_own_domain_and_those_named(
    url: str, more: tuple[str, ...], expected: set[str]
) -> None:
    site = Site(id="s", name="s", kind="market", spider="market", url=url, browser_hosts=more)  # type: ignore[arg-type]
    assert domains(site) == expected


def test_the_sandbox_is_on_unless_we_are_root() -> None:
    options = launch_options(Path("/usr/bin/chromium"))
    assert options["chromium_sandbox"] == (os.geteuid() != 0)
    assert "--no-sandbox" not in options["args"]


def test_chromium_learns_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKWATCH_STORE", "https://user:secret@store.example/")
    assert "secret" not in str(launch_options(Path("/usr/bin/chromium")))
