"""The console over a store with a few leads, served to a client that is no browser."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from console.web.app import application
from console.web.office import Place
from console.web.people import People, Person, Role
from leads.model import Listing
from leads.registry import Registry
from leads.store import open_store
from matchers.engine import Engine

ROOT = Path(__file__).parents[3]
NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>\u202e康帅傅方便面{{7*7}}'
TAIYUAN = {"ref": "s1", "name": "甲店", "location": "山西 太原"}
DATONG = {"ref": "s2", "name": HOSTILE, "location": "山西 大同"}
LISTINGS = (
    {"ref": "1", "title": "康帅傅 红烧牛肉面 12袋", "seller": TAIYUAN},
    {"ref": "2", "title": "康师付 酸菜面 12袋", "seller": TAIYUAN},
    {"ref": "3", "title": HOSTILE, "seller": DATONG},
    {"ref": "4", "title": "红富士苹果 5斤", "seller": {"ref": "s3", "name": "乙店"}},
)
PASSWORD = "correct horse"  # noqa: S105


@pytest.fixture(scope="session")
def full(watched: Registry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of leads; to be copied."""
    file = tmp_path_factory.mktemp("console") / "markwatch.db"
    engine = Engine(watched)
    with open_store(f"sqlite:///{file}") as store:
        for given in LISTINGS:
            url = f"https://shop.example/{given['ref']}"
            listing = Listing.model_validate(
                {"site": "jd", "url": url, "captured_at": NIGHT, **given}
            )
            store.see(listing)
            store.put(engine.leads(listing, NIGHT))
    return file


@pytest.fixture
def place(tmp_path: Path, full: Path) -> Place:
    shutil.copy(full, tmp_path / "markwatch.db")
    return Place(
        store=f"sqlite:///{tmp_path / 'markwatch.db'}",
        vault=tmp_path / "vault",
        config=ROOT / "config",
        books=tmp_path / "books",
        packets=tmp_path / "packets",
        nights=tmp_path / "nights",
        hosts=("testserver",),
    )


@pytest.fixture
def local(place: Place, watched: Registry) -> Iterator[TestClient]:
    """A console on a laptop."""
    with TestClient(application(place, watched), follow_redirects=False) as client:
        client.get("/")
        yield client


@pytest.fixture(scope="session")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One person a role, 丁 only for Datong; to be copied."""
    file = tmp_path_factory.mktemp("accounts") / "console.db"
    people = People(file)
    for name, role, city in (
        ("甲", Role.READER, None),
        ("乙", Role.OFFICER, None),
        ("丙", Role.ADMINISTRATOR, None),
        ("丁", Role.OFFICER, "140200"),
    ):
        people.add(Person(name, role, city), PASSWORD)
    people.close()
    return file


@pytest.fixture
def team(place: Place, accounts: Path, watched: Registry) -> Iterator[TestClient]:
    """A console of a team."""
    place.books.mkdir()
    shutil.copy(accounts, place.books / "console.db")
    shared = Place(**{**vars(place), "team": True})
    with TestClient(application(shared, watched), follow_redirects=False) as client:
        yield client


class Visitor:
    """Somebody at the console: asks for pages and sends their forms with the right token."""

    def __init__(self, client: TestClient, place: Place) -> None:
        self.client = client
        self.place = place

    def get(self, path: str, **query: str) -> str:
        answer = self.client.get(path, params=query or None)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-500:])
        return answer.text

    def status(self, path: str, **query: str) -> int:
        return self.client.get(path, params=query or None).status_code

    def token(self) -> str:
        found = re.search(r'name="token" value="(\w+)"', self.client.get("/account").text)
        found = found or re.search(r'name="token" value="(\w+)"', self.client.get("/login").text)
        found = found or re.search(r'name="token" value="(\w+)"', self.get("/", q=""))
        assert found
        return found[1]

    def ids(self, query: str = "") -> list[str]:
        return re.findall(r'data-lead="(L\w+)"', self.get("/", q=query))

    def send(self, path: str, files: Any = None, **given: Any) -> Any:
        """Return the answer to a form; where it leads on is not followed."""
        data = {"token": self.token(), **given}
        return self.client.post(path, data=data, files=files)

    def told(self, path: str, files: Any = None, **given: Any) -> str:
        """Return what the page says that a form leads on to."""
        answer = self.send(path, files, **given)
        assert answer.status_code == 303, (answer.status_code, answer.text[-500:])
        page = self.client.get(answer.headers["location"]).text
        found = re.search(r'<p class="told" role="status">(.*?)</p>', page, re.DOTALL)
        return found[1] if found else ""

    def judge(self, leads: list[str], state: str = "排除", **more: str) -> str:
        given = {"reason": "授权经销", "by": "张三", "back": "/", **more}
        return self.told("/judge", lead=leads, state=state, **given)

    def log_in(self, name: str) -> None:
        self.client.cookies.clear()
        assert self.send("/login", name=name, password=PASSWORD).status_code == 303


@pytest.fixture
def officer(local: TestClient, place: Place) -> Visitor:
    """The one who uses a console on a laptop."""
    return Visitor(local, place)


@pytest.fixture
def staff(team: TestClient, place: Place) -> Visitor:
    """Somebody at a team's console who has not logged in yet."""
    return Visitor(team, place)
