"""A real Chromium walks from the queue to a verified packet, with scripts and without."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from console.web.app import application
from console.web.office import Place
from crawlers.browser import missing
from leads.registry import load

pytestmark = [
    pytest.mark.night,
    pytest.mark.skipif(
        bool(missing()), reason=f"没有可用的浏览器：{missing()}（见 docs/browser.md）"
    ),
]


@pytest.fixture(scope="module")
def served(night: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a console over a copy of the practice night."""
    folder = tmp_path_factory.mktemp("served")
    for name in ("markwatch.db", "vault", "config"):
        copy = shutil.copytree if (night / name).is_dir() else shutil.copy
        copy(night / name, folder / name)
    place = Place(
        store=f"sqlite:///{folder / 'markwatch.db'}",
        vault=folder / "vault",
        config=folder / "config",
        books=folder / "books",
        packets=folder / "packets",
    )
    config = uvicorn.Config(
        application(place, load(place.config)), host="127.0.0.1", port=0, log_level="warning"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    from crawlers.browser import find_chromium

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_officer_goes_from_the_queue_to_a_verified_packet(
    served: str, browser: object, scripts: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripts)  # type: ignore[attr-defined]
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)

    answer = page.goto(served)
    assert answer.ok, page.inner_text("main")
    city = "太原" if scripts else "晋中"
    page.fill("input[type=search]", f"状态:新发现 AND 城市:{city}")
    with page.expect_navigation():
        page.click("text=检索")
    if scripts:
        page.keyboard.press("j")
        page.keyboard.press("x")
        assert page.locator(".lead input:checked").count() == 1
    page.click(".lead h2 a >> nth=0")
    assert "为何列为线索" in page.content()
    page.select_option("select[name=state]", "待研判")
    page.fill("input[name=reason]", "初步核对")
    page.fill("input[name=by]", "张三")
    page.click("button:text-is('记录')")
    assert "已记录 1 条" in page.inner_text(".told")
    page.click("text=制作并核验证据包")
    page.wait_for_selector(".told")
    assert "核验完好" in page.inner_text(".told")
    page.goto(f"{served}/packets")
    assert page.locator("tbody tr").count() >= 1
    context.close()
    assert faults == []


PATHS = (
    "/", "/sellers", "/rights", "/rights/gi-shanxi-laochencu", "/registry", "/people", "/nights",
    "/matchers", "/log", "/packets",
)  # fmt: skip


def test_the_main_pages_have_no_serious_fault_of_accessibility(
    served: str, browser: object
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    for scheme in ("light", "dark"):
        # axe is put into the page from outside, which the page's own policy forbids.
        context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[attr-defined]
        page = context.new_page()
        page.goto(served)
        lead = page.get_attribute(".lead h2 a", "href")
        for path in (lead, *PATHS):
            page.goto(served + path)
            found = axe.run(page).response["violations"]
            serious = [
                (path, scheme, one["id"], [node["html"][:120] for node in one["nodes"][:3]])
                for one in found
                if one["impact"] in ("serious", "critical")
            ]
            assert serious == []
        context.close()
