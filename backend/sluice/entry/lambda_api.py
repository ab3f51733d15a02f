"""The API on Lambda: requests from API Gateway for the WSGI application, by Zappa, and its answers for API Gateway."""

import gc
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from sluice import settings as reading
from sluice.errors import Refused

from . import lambda_logs

if TYPE_CHECKING:
    from flask import Flask

# What a request is made of, in either format of API Gateway.
_EITHER = frozenset({"version", "headers", "requestContext", "body", "isBase64Encoded"})
_V2 = _EITHER | {"routeKey", "rawPath", "rawQueryString", "cookies"}
_V1 = _EITHER | {"resource", "path", "httpMethod", "multiValueHeaders"}
_V1 |= {"queryStringParameters", "multiValueQueryStringParameters"}


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The API as WSGI."""
    return _web()(environ, start_response)


def lambda_handler(event: Mapping[str, Any], context: object) -> Any:
    """The answer to a request from API Gateway. Refused(not_a_request) for every other event."""
    lambda_logs.begin(context)
    return _answered(request_of(event))


def warm_up() -> None:
    """Do before the first request whatever can be done without one."""
    # What is imported stays: no collection needs to look for garbage in it, now or later.
    gc.disable()
    from zappa import wsgi  # noqa: F401

    _web()
    gc.freeze()
    gc.enable()


def request_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of the event that make a request, and nothing else."""
    if _is_v2(event):
        return {name: event[name] for name in _V2 & event.keys()}
    if _is_v1(event):
        return {name: event[name] for name in _V1 & event.keys()}
    raise Refused("not_a_request", "This function answers requests from API Gateway and takes no other events.")


def _is_v2(event: Mapping[str, Any]) -> bool:
    about = event.get("requestContext")
    http = about.get("http") if isinstance(about, dict) else None
    whole = isinstance(event.get("rawPath"), str) and isinstance(event.get("headers"), dict)
    return event.get("version") == "2.0" and whole and isinstance(http, dict) and isinstance(http.get("method"), str)


def _is_v1(event: Mapping[str, Any]) -> bool:
    parts = (event.get("httpMethod"), event.get("path"))
    return event.get("version", "1.0") == "1.0" and all(isinstance(part, str) and part for part in parts)


@cache
def _web() -> "Flask":
    from sluice.api import create_app
    from sluice.tokens import TokenCheck, http_jwks, jwks_url
    from sluice.wiring import build

    settings = reading.load()
    lambda_logs.install(settings.log_level)
    house = build(settings)
    check = TokenCheck(settings.issuer, settings.client_id, http_jwks(jwks_url(settings)), house.now)
    return create_app(house, token_check=check)


def _answered(request: dict[str, Any]) -> dict[str, Any]:
    # Not by Zappa's own handler: it runs code that an event names or brings along, and imports asyncio.
    from werkzeug.wrappers import Response
    from zappa.wsgi import create_wsgi_request

    environ = create_wsgi_request(request, script_name=_stage(request), binary_support=True)
    with Response.from_app(app, environ | {"wsgi.url_scheme": "https"}) as response:
        headers = {name: ", ".join(response.headers.getlist(name)) for name in set(response.headers.keys())}
        return {"statusCode": response.status_code, "headers": headers} | _body(response.get_data())


def _stage(request: Mapping[str, Any]) -> str:
    """What the path of a request in format 2.0 begins with, unless it came by a domain of its own."""
    prefix = f"/{(request.get('requestContext') or {}).get('stage')}"
    return prefix if f"{request.get('rawPath', '')}/".startswith(f"{prefix}/") else ""


def _body(content: bytes) -> dict[str, Any]:
    try:
        return {"isBase64Encoded": False} | ({"body": content.decode()} if content else {})
    except UnicodeDecodeError:
        return {"isBase64Encoded": True, "body": b64encode(content).decode()}
