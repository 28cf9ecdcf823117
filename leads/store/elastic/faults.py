"""What an error of the cluster means, in words for whoever runs markwatch."""

from __future__ import annotations

from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    ConnectionTimeout,
    SSLError,
    TransportError,
    UnsupportedProductError,
)
from elasticsearch import ConnectionError as Unreachable

Fault = ApiError | TransportError | UnsupportedProductError
FAULTS = (ApiError, TransportError, UnsupportedProductError)

BUSY = frozenset({429, 502, 503, 504})
"""Statuses that ask to come back later."""

_BLOCKS = "cluster_block_exception"
_BUSY = "集群过忙或暂时不可用，请稍后再试"
_READ_ONLY = "索引只读，无法写入（磁盘将满，或正在重建索引）"


def meaning(error: Fault) -> str:
    """Return what is wrong and what to do about it, in Chinese."""
    match error:
        case SSLError():
            return "证书无法验证，请用 MARKWATCH_ELASTIC_CA 给出集群的 CA 证书"
        case ConnectionTimeout():
            return "没有在时限内答复，集群可能过忙"
        case Unreachable():
            return "连接不上，请检查地址以及集群是否在运行"
        case UnsupportedProductError():
            return "对方不是 Elasticsearch"
        case AuthenticationException():
            return (
                "用户名、密码或 API key 不对（MARKWATCH_ELASTIC_USER、MARKWATCH_ELASTIC_PASSWORD）"
            )
        case AuthorizationException() if kind(error) == _BLOCKS:
            return _READ_ONLY
        case AuthorizationException():
            return "该账号没有所需权限"
        case ApiError() if "media_type" in kind(error) or error.status_code == 406:
            return "集群版本过旧，需要 Elasticsearch 9"
        case ApiError() if error.status_code in BUSY:
            return _BUSY
        case ApiError():
            return f"请求被拒绝（{error.status_code} {detail(error)}）"
        case _:
            return f"通信出错（{error}）"


def refusal(words: str) -> str:
    """Return why one document was refused, given the engine's own words."""
    if words.startswith("429"):
        return _BUSY
    return _READ_ONLY if _BLOCKS in words else words


def kind(error: ApiError) -> str:
    """Return the engine's own name of an error."""
    body = error.body
    told = body.get("error") if isinstance(body, dict) else None
    return str(told.get("type")) if isinstance(told, dict) else str(told or body)


def detail(error: ApiError) -> str:
    """Return the engine's own words on an error, cut to a line."""
    body = error.body
    told = body.get("error") if isinstance(body, dict) else body
    if isinstance(told, dict):
        causes = told.get("root_cause") or [told]
        told = f"{told.get('type')}: {causes[0].get('reason')}"
    return " ".join(str(told).split())[:300]
