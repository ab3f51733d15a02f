"""Creating calls that can be repeated safely: the same key gets the same answer."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from hashlib import sha256

from flask import Response, request

from sluice.errors import Refused
from sluice.ports import KEEP_REPLIES, Reply

from .context import Caller, house
from .wire import Model, json_of

REPLAYED = "Idempotency-Replayed"


def once(
    caller: Caller,
    key: str | None,
    body: Model | None,
    create: Callable[[], Response],
    *,
    lasts: timedelta = KEEP_REPLIES,
) -> Response:
    """What `create` answers, or what it answered when this caller used the key before, as long as that `lasts`.

    Refused(idempotency_key_reused) for another request under the same key; Conflict while the first is under way."""
    if key is None:
        return create()
    app, fingerprint = house(), _fingerprint(body)
    kept = app.replies.claim(caller.user_id, key, now=app.now())
    if kept is not None:
        return _again(kept, fingerprint)
    with ExitStack() as undo:
        undo.callback(app.replies.release, caller.user_id, key)
        response = create()
        reply = Reply(fingerprint, response.status_code, response.get_data(as_text=True), response.location)
        app.replies.keep(caller.user_id, key, reply, until=app.now() + min(lasts, KEEP_REPLIES))
        undo.pop_all()
    return response


def _fingerprint(body: Model | None) -> str:
    sent = json_of(body) if body else ""
    return sha256(f"{request.method} {request.path}\n{sent}".encode()).hexdigest()


def _again(kept: Reply, fingerprint: str) -> Response:
    if kept.fingerprint != fingerprint:
        raise Refused("idempotency_key_reused", "This Idempotency-Key was used for another request; take a new one.")
    response = Response(kept.body, kept.status, {REPLAYED: "true"}, mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Authorization")
    if kept.location:
        response.headers["Location"] = kept.location
    return response
