"""The console over a store with a few leads, served to a client that is no browser."""

import io
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from console.web.app import application
from console.web.office import Place
from console.web.people import People, Person, Role
from evidence.vault import Vault
from leads.model import Listing, Picture
from leads.query import parse
from leads.registry import Registry
from leads.sight import Legible, MatchKind, PictureMatch, Sight
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


@pytest.fixture
def proven(place: Place) -> str:
    """A lead with its captured page and a picture that copies a holder's; returns its id."""
    vault = Vault(place.vault)
    page = vault.keep(
        b"<html><script>alert(1)</script></html>", media_type="text/html", captured_at=NIGHT,
        how="http", url="https://shop.example/1", status=200, peer="203.0.113.7",
    )  # fmt: skip
    shown = vault.keep(
        picture(), media_type="image/jpeg", captured_at=NIGHT, how="http",
        url="https://shop.example/1.jpg",
    )  # fmt: skip
    with open_store(place.store) as store:
        (standing,) = store.search(parse("康帅傅 红烧牛肉面")).leads
        listing = standing.lead.listing.model_copy(
            update={
                "capture": page.id,
                "pictures": (Picture(url=shown.url, sha256=shown.sha256),),
            }
        )
        store.see(listing)
        store.put([standing.lead.model_copy(update={"listing": listing})])
        store.keep_sight(
            Sight(
                sha256=shown.sha256, legible=Legible.OK, width=320, height=240,
                matches=(MATCH.model_copy(update={"right": standing.lead.right}),),
            )
        )  # fmt: skip
    return str(standing.lead.id)


def picture(size: tuple[int, int] = (320, 240)) -> bytes:
    """Return a JPEG."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def jpeg() -> bytes:
    return picture()


CORNERS = ((10.0, 10.0), (200.0, 10.0), (200.0, 150.0), (10.0, 150.0))
MATCH = PictureMatch(
    kind=MatchKind.COPY, right="x", source="photos/brand-x/studio.jpg", score=0.93,
    reason="疑似复制参照图片", box=(10, 10, 190, 140), quad=CORNERS, source_quad=CORNERS, share=1.0,
    scale=1.0, inliers=57, certain=True,
)  # fmt: skip


@pytest.fixture
def bank(place: Place, tmp_path: Path) -> Path:
    """A config folder with a bank that holds what the picture of ``proven`` copies."""
    photos = tmp_path / "config/bank/photos/brand-x"
    photos.mkdir(parents=True)
    (photos / "studio.jpg").write_bytes(picture((400, 300)))
    (tmp_path / "config/secret.jpg").write_bytes(picture())
    object.__setattr__(place, "config", tmp_path / "config")
    return tmp_path / "config"
