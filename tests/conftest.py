"""Fixtures for all: small things made on the spot; pages lie under ``tests/fixtures``.

Whatever a test needs of the real ``config/`` it reads from there; a test about config writes its
own folder. Nothing here leaves the machine: servers listen on loopback.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from leads import registry

ROOT = Path(__file__).parent.parent
OWN_CLUSTER = "MARKWATCH_TEST_ELASTIC_URL"
ENGINE = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def watched() -> registry.Registry:
    """The real config."""
    return registry.load(ROOT / "config")


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds one whole practice night, made by the command as a user types it."""
    folder = tmp_path_factory.mktemp("night")
    run = subprocess.run(
        [sys.executable, "-m", "console.cli", "practice", "night", "--folder", str(folder)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert run.returncode == 0, f"exit {run.returncode}\n{run.stdout}\n{run.stderr}"
    (folder / "stdout.txt").write_text(run.stdout, encoding="utf-8")
    return folder


# ---------------------------------------------------------------------------- a real engine


class Engine(NamedTuple):
    """An Elasticsearch node of our own that answers at ``url``."""

    url: str
    version: str
    process: subprocess.Popen[str]


@contextmanager
def running(folder: Path, port: int = 0) -> Iterator[Engine]:
    launch = [sys.executable, str(ROOT / "tests/engine/launch.py")]
    command = [*launch, "--folder", str(folder), "--port", str(port)]
    with (folder.parent / "engine.log").open("a+") as log:
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process:
            assert process.stdout is not None
            said = process.stdout.readline().split()
            if said:
                yield Engine(f"http://127.0.0.1:{said[1]}", said[0], process)
                process.kill()
                return
        log.seek(0)
        pytest.skip(
            f"没有可用的 Elasticsearch：{log.read().strip()[-800:]}（或设置 {OWN_CLUSTER}）"
        )


@pytest.fixture
def start_engine() -> Callable[..., Any]:
    """``start_engine(folder, port=0)``: a context with a node of one's own."""
    return running


@pytest.fixture(scope="session")
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of the Elasticsearch all tests share: the user's own, or one started for them."""
    from elasticsearch import Elasticsearch

    spool = tmp_path_factory.mktemp("spool")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MARKWATCH_SPOOL", str(spool))
        if OWN_CLUSTER in os.environ:
            with Elasticsearch(os.environ[OWN_CLUSTER]) as client:
                version = client.info()["version"]["number"]
            request.config.stash[ENGINE] = f"{version}, the cluster of {OWN_CLUSTER}"
            yield os.environ[OWN_CLUSTER].rstrip("/")
            return
        memory = Path("/dev/shm")  # noqa: S108  # where there is one, it is twice as fast
        with (
            tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder,
            running(Path(folder) / "node") as started,
        ):
            request.config.stash[ENGINE] = f"core node {started.version} at {started.url}"
            yield started.url


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that started this one, if tests are shared out, which engine there was."""
    if hasattr(session.config, "workeroutput") and ENGINE in session.config.stash:
        session.config.workeroutput["engine"] = session.config.stash[ENGINE]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    if "engine" in getattr(node, "workeroutput", {}):
        node.config.stash[ENGINE] = node.workeroutput["engine"]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if ENGINE in config.stash:
        terminalreporter.write_line(f"Elasticsearch: {config.stash[ENGINE]}")


@pytest.fixture(scope="session")
def elastic_stores(engine: str) -> Iterator[Callable[[], str]]:
    """Makes addresses of empty stores on the shared engine, each with indices of its own."""
    from elasticsearch import Elasticsearch

    made: list[str] = []

    def make() -> str:
        made.append(f"test-{secrets.token_hex(4)}")
        return f"{engine}/{made[-1]}"

    yield make
    with Elasticsearch(engine) as client:
        for prefix in made:
            wipe(client, prefix)
            client.indices.delete_index_template(name=f"{prefix}-*")
            client.cluster.delete_component_template(name=f"{prefix}-*")


@pytest.fixture(scope="session")
def elastic_shared(elastic_stores: Callable[[], str]) -> str:
    """The store that tests of ``elastic`` use one after the other: its templates stay."""
    return elastic_stores()


@pytest.fixture
def elastic(elastic_shared: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of an empty store on the shared engine."""
    from elasticsearch import Elasticsearch

    monkeypatch.setenv("MARKWATCH_SPOOL", str(tmp_path / "spool"))
    engine, _, prefix = elastic_shared.rpartition("/")
    yield elastic_shared
    with Elasticsearch(engine) as client:
        wipe(client, prefix)


def wipe(client: Any, prefix: str) -> None:
    """Remove every index of ours by its name, for clusters refuse to delete by pattern."""
    indices = list(client.indices.get(index=f"{prefix}-*", features="aliases"))
    if indices:
        client.indices.delete(index=indices)
