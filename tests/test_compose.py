"""compose.yaml as far as it can be checked without a container engine: shape and secrets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return read


def test_every_volume_and_every_service_that_is_named_is_there(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        assert "image" in service, name
        for needed, how in service.get("depends_on", {}).items():
            assert how["condition"] in {"service_healthy", "service_completed_successfully"}
            assert needed in services
            assert how["condition"] != "service_healthy" or "healthcheck" in services[needed]
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert source == "." or source in compose["volumes"], volume


def test_security_is_on_and_every_password_comes_from_the_environment(
    compose: dict[str, Any],
) -> None:
    engine = compose["services"]["elasticsearch"]["environment"]
    assert engine["xpack.security.enabled"] == "true"
    assert engine["xpack.security.http.ssl.enabled"] == "true"
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|KEY$", name):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?.+\}", value), name


def test_nothing_listens_beyond_the_host_itself(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), port


def test_the_engine_is_the_one_the_tests_run(compose: dict[str, Any]) -> None:
    pom = (ROOT / "tests" / "engine" / "pom.xml").read_text(encoding="utf-8")
    version = re.search(r"<elasticsearch.version>(.+)</elasticsearch.version>", pom)
    assert version
    for service in ("certificates", "elasticsearch", "accounts", "kibana"):
        assert compose["services"][service]["image"].endswith(f":{version[1]}")
