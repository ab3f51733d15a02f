"""The API on Lambda: the WSGI application for Zappa's handler, and a gate before that handler."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from typing import TYPE_CHECKING, Any

from sluice import settings as reading
from sluice.errors import Refused

from . import lambda_logs

if TYPE_CHECKING:
    from flask import Flask

# What a request is made of, in either format of API Gateway. Stage variables are left out: Zappa would put them into
# the environment.
_EITHER = frozenset({"version", "headers", "requestContext", "body", "isBase64Encoded"})
_V2 = _EITHER | {"routeKey", "rawPath", "rawQueryString", "cookies"}
_V1 = _EITHER | {"resource", "path", "httpMethod", "multiValueHeaders"}
_V1 |= {"queryStringParameters", "multiValueQueryStringParameters"}


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The API as WSGI, what Zappa calls."""
    return _web()(environ, start_response)


def lambda_handler(event: Mapping[str, Any], context: object) -> Any:
    """The answer to a request from API Gateway. Refused(not_a_request) for every other event."""
    lambda_logs.begin(context)
    answer = _zappa()(request_of(event), context)
    # Zappa says null where there is no body; not everything that speaks for API Gateway knows what to make of that.
    return {name: value for name, value in answer.items() if value is not None}


def warm_up() -> None:
    """Do before the first request whatever can be done without one."""
    _zappa()
    _web()


def request_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of the event that make a request, and nothing else.

    Zappa's handler also runs code that an event names or brings along, so only requests may reach it."""
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
    # After Zappa, which sets up logs of its own.
    lambda_logs.install(settings.log_level)
    house = build(settings)
    check = TokenCheck(settings.issuer, settings.client_id, http_jwks(jwks_url(settings)), house.now)
    return create_app(house, token_check=check)


@cache
def _zappa() -> Callable[[dict[str, Any], object], Any]:
    from zappa.handler import LambdaHandler

    # It greets in plain text.
    with redirect_stdout(StringIO()):
        handler: Callable[[dict[str, Any], object], Any] = LambdaHandler().handler
    return handler
