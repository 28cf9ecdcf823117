"""Sends the dashboards to a Kibana, and tells beforehand what would change there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from console.boards.bundle import VERSIONS, ndjson
from console.boards.lens import Json

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

TIMEOUT = 30.0
"""Seconds for one request."""

MOST = 64 * 1024 * 1024
"""Bytes of an answer that are read."""


class KibanaError(Exception):
    """Kibana cannot be reached or refuses; the message says which and why, in Chinese."""


class Change(NamedTuple):
    """What a push would do to one object."""

    what: str
    """新增, 更新 or 相同."""
    kind: str
    title: str


class Kibana:
    """One Kibana and one of its spaces.

    ``login`` is ``user:password``; an API key goes before it.
    """

    def __init__(
        self, url: str, login: str | None = None, key: str | None = None, space: str | None = None
    ) -> None:
        import urllib3

        self._pool = urllib3.PoolManager(retries=False, timeout=TIMEOUT)
        self._base = url.rstrip("/") + (f"/s/{space}" if space else "")
        self._headers = {"kbn-xsrf": "markwatch"}
        if key:
            self._headers["authorization"] = f"ApiKey {key}"
        elif login:
            self._headers |= urllib3.make_headers(basic_auth=login)

    def changes(self, objects: list[Json]) -> Iterator[Change]:
        """Yield what :meth:`push` would do, object by object.

        Raises:
            KibanaError: see there.
        """
        asked = {"type": list(VERSIONS), "excludeExportDetails": True}
        answer = self._post("/api/saved_objects/_export", body=json.dumps(asked).encode())
        lines = [line for line in answer.splitlines() if line.strip()]
        try:
            there = {(o["type"], o["id"]): o for o in map(json.loads, lines)}
        except (ValueError, KeyError, TypeError):
            raise KibanaError(f"{self._base} 的回答不是 Kibana 对象清单") from None
        for wanted in objects:
            found = there.get((wanted["type"], wanted["id"]))
            what = "新增" if found is None else "相同" if _same(found, wanted) else "更新"
            yield Change(what, wanted["type"], wanted["attributes"]["title"])

    def push(self, objects: list[Json]) -> int:
        """Import the objects over those of the same id; returns how many Kibana took.

        Raises:
            KibanaError: unreachable, refused, or not every object was taken.
        """
        import urllib3

        file = ("markwatch.ndjson", ndjson(objects), "application/ndjson")
        body, kind = urllib3.encode_multipart_formdata({"file": file})
        answer = self._post("/api/saved_objects/_import?overwrite=true", body=body, kind=kind)
        try:
            told = json.loads(answer)
            taken, errors = int(told["successCount"]), told.get("errors", [])
            faults = [f"{e['type']} {e['id']}：{e['error']['type']}" for e in errors]
        except (ValueError, KeyError, TypeError):
            raise KibanaError(f"{self._base} 的回答不是 Kibana 的导入结果") from None
        if faults or taken != len(objects):
            told = "；".join(faults) or "原因未说明"
            raise KibanaError(f"Kibana 只接受了 {taken}/{len(objects)} 个对象：{told}")
        return taken

    def _post(self, path: str, body: bytes, kind: str = "application/json") -> bytes:
        import urllib3

        try:
            answer = self._pool.request(
                "POST",
                self._base + path,
                body=body,
                headers={**self._headers, "content-type": kind},
                redirect=False,
                preload_content=False,
            )
            with answer:
                data = answer.read(MOST)
        except urllib3.exceptions.HTTPError as failed:
            raise KibanaError(f"连不上 Kibana（{self._base}）：{failed}") from None
        except ValueError as wrong:
            raise KibanaError(f"Kibana 地址有误（{self._base}）：{wrong}") from None
        if answer.status != 200:
            raise KibanaError(f"Kibana（{self._base}）{_refusal(answer, data)}")
        return data


_REFUSALS = {
    401: "要求登录：请给出 MARKWATCH_KIBANA_LOGIN 或 MARKWATCH_KIBANA_KEY",
    403: "拒绝了这个账号：需要“已保存对象管理”权限",
    404: "没有这个接口：请检查地址和空间名",
}


def _refusal(answer: BaseHTTPResponse, data: bytes) -> str:
    told = _REFUSALS.get(answer.status, data[:200].decode(errors="replace"))
    return f"回答 {answer.status}：{told}"


def _same(found: Json, wanted: Json) -> bool:
    """Whether Kibana's copy is what we would send; it may be rewritten to its own version."""
    keys = ("description",) if "description" in wanted["attributes"] else ("title", "name")
    return all(found["attributes"].get(key) == wanted["attributes"][key] for key in keys)
