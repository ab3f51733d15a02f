"""/api/ready for load balancers, /metrics for Prometheus, and the count of every answer."""

import hmac
import json
import time

from flask import Blueprint, Flask, Response, abort, g, request

from sluice.adapters.local.counters import Counters
from sluice.adapters.local.orders import LANE as ENCODER
from sluice.identity.routes import from_this_machine
from sluice.messages import LANES
from sluice.wiring.local import LocalHome

from . import counted, measured, readiness
from .exposition import CONTENT_TYPE, render

# Others are told as one: methods are the caller's to invent, and each would be a number of its own.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_RETRY_AFTER_S = 5


def blueprint(home: LocalHome, counters: Counters) -> Blueprint:
    """Both addresses."""
    routes = Blueprint("vitals", __name__)
    checks: dict[str, readiness.Check] = {
        "database": lambda: readiness.database(home.database),
        "disk": lambda: readiness.disk(home.sources, home.media),
        "identity": lambda: readiness.identity(home.identity),
        "tools": readiness.Tools(home.app.settings, home.app.now),
        "workers": lambda: readiness.workers(home.bells, (*LANES, ENCODER)),
    }

    @routes.get("/api/ready")
    def ready() -> Response:
        found = readiness.examine(checks)
        well = set(found.values()) == {readiness.WELL}
        headers = {"Cache-Control": "no-store"} | ({} if well else {"Retry-After": str(_RETRY_AFTER_S)})
        body = json.dumps({"ready": well, "parts": found})
        return Response(body, 200 if well else 503, headers, content_type="application/json")

    @routes.get("/metrics")
    def metrics() -> Response:
        if not _may_read(home.app.settings.metrics_token):
            abort(404)
        lanes, data = home.queue_room.lanes(), home.app.settings.data
        now = (*measured.lanes(lanes), *measured.videos(home.videos), *measured.disk(data))
        text = render([*counted.families(counters.totals()), *now])
        return Response(text, headers={"Cache-Control": "no-store"}, content_type=CONTENT_TYPE)

    return routes


def count_answers(web: Flask, counters: Counters) -> None:
    """Count every answer of this application, by its route and not by its address."""

    def start() -> None:
        g.counting_since = time.perf_counter()

    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        counters.add("sluice_http_requests_total", route=route, method=method, code=str(response.status_code))
        if "counting_since" in g:
            took_s = time.perf_counter() - g.counting_since
            counted.observe(counters, "sluice_http_request_seconds", took_s, route=route)
        return response

    web.before_request(start)
    web.after_request(count)


def _may_read(token: str | None) -> bool:
    """Whoever sits at this machine, or has the token that the operator set."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return from_this_machine() or (token is not None and hmac.compare_digest(given.encode(), token.encode()))
