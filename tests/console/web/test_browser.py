"""A real Chromium walks from the queue to a verified packet, with scripts and without."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from console.web.app import application
from console.web.office import Place
from crawlers.browser import missing
from leads.model import Listing, Seller
from leads.registry import load
from leads.store import open_store
from matchers.engine import Engine

ROOT = Path(__file__).parents[3]
PAYLOADS = (
    "<script>hacked=1;alert(1)</script>",
    '"><img src=x onerror="hacked=1;alert(1)">',
    "'><svg/onload=hacked=1>",
    "</title></textarea><iframe src=javascript:alert(1)>",
    "<a hx-get=/log hx-trigger=load data-hx-on:load=alert(1)>x</a>",
    '" autofocus onfocus=alert(1) hx-on:focus="alert(1)',
    "<base href=https://evil.example><style>*{display:none}</style>",
)

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
    with serving(place) as url:
        yield url


@contextmanager
def serving(place: Place) -> Iterator[str]:
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


@contextmanager
def opened(browser: Any, **options: Any) -> Iterator[Any]:
    """A page of its own; whatever the browser complains of by the end is a fault."""
    context = browser.new_context(**options)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
    yield page
    context.close()
    assert faults == []


def told(page: Any) -> str:
    page.wait_for_selector(".told")
    return str(page.inner_text(".told"))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_officer_goes_from_the_queue_to_a_verified_packet(
    served: str, browser: Any, scripts: bool
) -> None:
    with opened(browser, java_script_enabled=scripts) as page:
        answer = page.goto(served)
        assert answer.ok, page.inner_text("main")
        city = "太原" if scripts else "晋中"
        page.fill("input[type=search]", f"状态:新发现 AND 城市:{city}")
        with page.expect_navigation():
            page.click("text=检索")
        page.click(".lead h2 a >> nth=0")
        assert "为何列为线索" in page.content()
        page.select_option("select[name=state]", "待研判")
        page.fill("input[name=reason]", "初步核对")
        page.fill("input[name=by]", "张三")
        page.click("button:text-is('记录')")
        assert "已记录 1 条" in told(page)
        with page.expect_navigation():
            page.click("text=准备证据包")
        assert "两名承办人员" in page.inner_text("main")
        page.fill("input[name=first]", "张三")
        page.fill("input[name=second]", "李四")
        page.click("text=检查缺项")
        page.wait_for_selector("li:text-is('文号')")
        assert "两名承办人员" not in page.inner_text("main")
        page.check("input[name=draft]")
        page.click("text=制作并核验证据包")
        assert "核验完好" in told(page)
        page.goto(f"{served}/packets")
        assert page.locator("tbody tr").count() >= 1


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_officer_takes_back_hands_over_and_enters_a_receipt(
    served: str, browser: Any, scripts: bool, jpeg: bytes
) -> None:
    with opened(browser, java_script_enabled=scripts) as page:
        city = "运城" if scripts else "长治"
        page.goto(f"{served}/?q=状态:新发现 城市:{city}")
        page.check(".tick input >> nth=0")
        page.fill("input[name=reason]", "误点")
        page.fill("input[name=by]", "张三")
        page.select_option("#judge select[name=state]", "排除")
        page.click("#judge >> button:text-is('记录')")
        assert "已记录 1 条：排除" in told(page)
        page.click("text=撤销")
        page.wait_for_selector(".told:has-text('已撤销')")
        page.goto(f"{served}/?q=状态:待研判 城市:{city}")
        page.click(".lead h2 a >> nth=0")
        for state, by in (("待审批", "张三"), ("已交办", "李四")):
            page.select_option("select[name=state]", state)
            page.fill("input[name=reason]", "证据充分")
            page.fill("input[name=by]", by)
            if state == "已交办":
                page.select_option("select[name=to]", index=1)
            page.click("button:text-is('记录')")
            page.wait_for_selector(f".told:has-text('{state}')")
        page.goto(f"{served}/transfers")
        page.check(".tick input >> nth=0")
        page.fill("input[name=by]", "市局王五")
        page.set_input_files(
            "input[type=file]", {"name": "回执.jpg", "mimeType": "image/jpeg", "buffer": jpeg}
        )
        page.click("text=登记")
        assert "已登记签收 1 条" in told(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_exclusion_is_proposed_and_a_booth_is_entered(
    served: str, browser: Any, scripts: bool, jpeg: bytes
) -> None:
    with opened(browser, java_script_enabled=scripts) as page:
        page.goto(f"{served}/matchers?scope=phrase&subject=老陈醋汁&matcher=names&code=误识别")
        page.fill("#propose input[name=reason]", "调味汁的通用名称")
        page.fill("#propose input[name=by]", "张三")
        page.click("#propose >> button:text-is('提出')")
        assert "须另一人批准" in told(page)
        page.fill("input[aria-label=批准人]", "李四")
        page.click("button:text-is('批准')")
        assert "已批准" in told(page)
        page.goto(f"{served}/fairs")
        page.click("tbody a >> nth=0")
        page.click("text=现场录入展品")
        for name, value in (("booth", "A1"), ("exhibitor", "丙公司"), ("title", "康帅傅方便面")):
            page.fill(f"input[name={name}]", value)
        page.fill("input[name=by]", "张三")
        page.set_input_files(
            "input[type=file]", {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": jpeg}
        )
        page.click("text=录入并比对")
        page.wait_for_selector("text=已录入：康帅傅方便面")
        assert "康师傅" in page.inner_text("section.verdict")
        page.goto(f"{served}/campaigns")
        page.click("tbody a >> nth=0")
        assert "专项" in page.inner_text("main")


def test_the_queue_is_worked_by_keyboard_and_completes_what_is_typed(
    served: str, browser: Any
) -> None:
    with opened(browser) as page:
        page.goto(f"{served}/?q=")
        shown = page.locator("article.lead").count()
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("x")
        assert page.locator(".lead input:checked").count() == 1
        page.keyboard.press("n")
        page.locator("article.lead").nth(shown).wait_for()
        assert page.locator(".lead input:checked").count() == 1
        page.keyboard.press("k")
        page.keyboard.press("s")
        assert page.locator(".lead input:checked").count() >= 1
        page.keyboard.press("?")
        assert page.locator("dialog[open]").count() == 1
        page.keyboard.press("?")
        assert page.locator("dialog[open]").count() == 0
        page.keyboard.press("c")
        assert page.evaluate("document.activeElement.name") == "state"
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.keyboard.press("Control+A")
        page.keyboard.type("城市:太")
        page.wait_for_selector("#offered option[value='城市:太原市']", state="attached")


@pytest.fixture
def attacked(served: str, tmp_path: Path) -> Iterator[str]:
    """Address of a console over leads with markup in every field."""
    with open_store(f"sqlite:///{tmp_path / 'markwatch.db'}") as store:
        engine = Engine(load(ROOT / "config"))
        for number, payload in enumerate(PAYLOADS):
            listing = Listing(
                site=f"jd{payload}", ref=f"{number}{payload}", url=f"javascript:alert(1){payload}",
                title=f"{payload}康帅傅 红烧牛肉面", description=payload, brand=payload,
                attributes=((payload, f"康帅傅{payload}"),), origin=payload,
                seller=Seller(ref=payload, name=payload, company=payload, location=payload),
            )  # fmt: skip
            store.see(listing)
            store.put(engine.leads(listing, datetime.now(UTC)))
    place = Place(
        store=f"sqlite:///{tmp_path / 'markwatch.db'}", vault=tmp_path / "vault",
        config=ROOT / "config", books=tmp_path / "books", packets=tmp_path / "packets",
    )  # fmt: skip
    with serving(place) as url:
        yield url


def test_nothing_that_leads_hold_runs_or_is_stopped_by_the_policy(
    attacked: str, browser: Any
) -> None:
    with opened(browser) as page:
        page.goto(f"{attacked}/?q=")
        leads = page.eval_on_selector_all(".lead h2 a", "links => links.map(a => a.href)")
        sellers = page.eval_on_selector_all(".history-of", "links => links.map(a => a.href)")
        assert len(leads) >= len(PAYLOADS)
        rest = ("/sellers?q=", "/matchers", "/transfers", "/log", "/?q=%22%3Cscript%3E%22")
        for address in [*leads, *dict.fromkeys(sellers), *(attacked + path for path in rest)]:
            page.goto(address)
            assert page.title().endswith("markwatch")
            assert page.evaluate("typeof window.hacked") == "undefined"


PATHS = (
    "/", "/sellers", "/transfers", "/rights", "/rights/gi-shanxi-laochencu", "/registry", "/people",
    "/nights", "/matchers", "/log", "/packets", "/campaigns", "/campaigns/practice-campaign",
    "/fairs", "/fairs/practice-fair", "/fairs/practice-fair/enter",
)  # fmt: skip


def test_the_main_pages_have_no_serious_fault_of_accessibility(served: str, browser: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    for scheme in ("light", "dark"):
        # axe is put into the page from outside, which the page's own policy forbids.
        context = browser.new_context(color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.goto(served)
        lead = page.get_attribute(".lead h2 a", "href")
        seller = page.get_attribute(".history-of", "href")
        for path in (lead, f"{lead}/packet", seller, *PATHS):
            page.goto(served + path)
            found = axe.run(page).response["violations"]
            serious = [
                (path, scheme, one["id"], [node["html"][:120] for node in one["nodes"][:3]])
                for one in found
                if one["impact"] in ("serious", "critical")
            ]
            assert serious == []
        context.close()
