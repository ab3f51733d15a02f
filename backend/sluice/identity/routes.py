"""The identity service over HTTP: the Cognito protocol, the keys, and the outbox."""

import ipaddress
import json
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request
from werkzeug.exceptions import ClientDisconnected

from sluice.errors import Unavailable
from sluice.fair_use import seconds_to_next_minute
from sluice.settings import POOL_ID

from . import fields, limits
from .codes import Letter
from .faults import Fault, too_many_requests, unsupported
from .operations import perform
from .service import Identity

MAX_BODY_BYTES = 64 << 10

_TARGET = re.compile(r"AWSCognitoIdentityProviderService\.([A-Za-z]{1,64})")
_PROXY_HEADERS = ("forwarded", "x-forwarded-", "x-real-ip", "via", "cf-connecting-ip", "true-client-ip")
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "*, authorization",
    "Access-Control-Expose-Headers": "x-amzn-errortype, x-amzn-requestid",
    "Access-Control-Max-Age": "86400",
}
_PUBLIC = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=60"}
_PRIVATE_PAGE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def blueprint(identity: Identity, admits: Callable[[str], bool] = lambda place: True) -> Blueprint:
    """Everything below /cognito; `admits` is asked, by the place it comes from, before a call does any work."""
    routes = Blueprint("cognito", __name__, url_prefix="/cognito", template_folder="templates")
    _add_protocol(routes, identity, admits)
    _add_well_known(routes, identity)
    _add_outbox(routes, identity)
    routes.after_request(_discreet)
    return routes


def _add_protocol(routes: Blueprint, identity: Identity, admits: Callable[[str], bool]) -> None:
    def operate() -> Response:
        place = limits.place_of(request.remote_addr or "")
        try:
            if not admits(place):
                return _not_now(identity.clock())
            return _answer(perform(identity, _operation(), fields.parse(_body(), place)))
        except Fault as fault:
            return _answer({"__type": fault.kind, "message": fault.message}, 400)
        except Unavailable:
            return _answer({"__type": "InternalErrorException", "message": "Try again in a moment."}, 503)

    def preflight() -> Response:
        return Response(status=204, headers=_CORS)

    # Flask would answer OPTIONS by itself.
    post: dict[str, Any] = {"methods": ["POST"], "provide_automatic_options": False}
    routes.add_url_rule("", "operate", operate, **post)
    routes.add_url_rule("/", "operate_at_slash", operate, **post)
    routes.add_url_rule("", "preflight", preflight, methods=["OPTIONS"])
    routes.add_url_rule("/", "preflight_at_slash", preflight, methods=["OPTIONS"])


def _add_well_known(routes: Blueprint, identity: Identity) -> None:
    @routes.get(f"/{POOL_ID}/.well-known/jwks.json")
    def jwks() -> Response:
        return _published(identity.jwks())

    @routes.get(f"/{POOL_ID}/.well-known/openid-configuration")
    def openid_configuration() -> Response:
        return _published(_configuration(identity.settings.issuer))


def _add_outbox(routes: Blueprint, identity: Identity) -> None:
    @routes.get("/outbox")
    def outbox() -> Response:
        _require_this_machine(identity)
        page = render_template("outbox.html", letters=[_shown(letter) for letter in identity.outbox()])
        return Response(page, headers=_PRIVATE_PAGE, content_type="text/html; charset=utf-8")

    @routes.get("/outbox.json")
    def outbox_json() -> Response:
        _require_this_machine(identity)
        response = jsonify([_shown(letter) for letter in identity.outbox()])
        response.headers.update(_PRIVATE_PAGE)
        return response


def _discreet(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    return response


def _operation() -> str:
    match = _TARGET.fullmatch(request.headers.get("X-Amz-Target", ""))
    if match is None:
        raise unsupported("A request without a valid X-Amz-Target")
    return match[1]


def _body() -> bytes:
    announced = request.content_length or 0
    try:
        body = request.stream.read(MAX_BODY_BYTES + 1) if announced <= MAX_BODY_BYTES else b""
    except (OSError, ClientDisconnected):
        raise Fault("SerializationException", "The request broke off.") from None
    if max(announced, len(body)) > MAX_BODY_BYTES:
        raise Fault("SerializationException", "The request is too long.")
    return body


def _answer(content: Mapping[str, Any], status: int = 200) -> Response:
    headers = {**_CORS, "x-amzn-requestid": str(uuid.uuid4())}
    if "__type" in content:
        headers["x-amzn-errortype"] = content["__type"]
    return Response(json.dumps(content), status, headers, content_type="application/x-amz-json-1.1")


def _not_now(now: int) -> Response:
    # Cognito itself says 400 here; its clients know both, and everybody else knows this one.
    fault = too_many_requests()
    answer = _answer({"__type": fault.kind, "message": fault.message}, 429)
    answer.headers["Retry-After"] = str(seconds_to_next_minute(now))
    return answer


def _published(content: Mapping[str, Any]) -> Response:
    return Response(json.dumps(content), headers=_PUBLIC, content_type="application/json")


def _configuration(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "id_token_signing_alg_values_supported": ["RS256"],
        "subject_types_supported": ["public"],
        "response_types_supported": ["token"],
    }


def _require_this_machine(identity: Identity) -> None:
    """Hide the outbox from everybody who does not sit at this machine, and where mail goes out by SMTP."""
    if not identity.settings.shows_outbox or not from_this_machine():
        abort(404)


def from_this_machine() -> bool:
    """Whether who sends this request sits at this machine, as far as one can tell."""
    # Behind a proxy every visitor would seem to be local, and a rebound name would let any web page read along.
    return not _proxied() and _local_address() and _local_host()


def _proxied() -> bool:
    """Whether somebody else seems to have sent it on. A plain nginx tells by nothing but its HTTP/1.0."""
    forwarded = any(name.lower().startswith(_PROXY_HEADERS) for name, _ in request.headers)
    foreign_page = request.headers.get("Sec-Fetch-Site") == "cross-site"
    return forwarded or foreign_page or request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"


def _local_address() -> bool:
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _local_host() -> bool:
    host = re.sub(r":\d+$", "", request.headers.get("Host", ""))
    return host.lower().strip("[]") in ("localhost", "127.0.0.1", "::1")


def _shown(letter: Letter) -> dict[str, str]:
    at = datetime.fromtimestamp(letter.sent_at, UTC).isoformat().replace("+00:00", "Z")
    return {"to": letter.to, "code": letter.code, "purpose": letter.purpose.value, "at": at}
