"""Tickets for uploads."""

from datetime import timedelta

from flask import Response

from sluice import uploads

from . import openapi
from .answers import absolute, answer
from .context import Caller, house
from .idempotency import once
from .inputs import IdempotencyHeader, NewUpload
from .openapi import SIGNED_IN, Described, created, documented
from .requests import checked
from .schemas import UploadTicket
from .showing import time
from .trace import request_id

blueprint = Described("uploads", __name__, openapi.UPLOADS, "/api")

_CREATED = {201: created(UploadTicket, "Post the file with this form, then publish it as a video.")}


@blueprint.post(
    "/uploads",
    operation_id="createUpload",
    security=SIGNED_IN,
    responses=documented(_CREATED, 400, 401, 403, 409, 413, 415, 422, 429, 507),
)
@checked
def create_upload(caller: Caller, header: IdempotencyHeader, body: NewUpload) -> Response:
    """Ask for leave to upload one file."""
    # Nobody can use the form of a ticket that is over.
    lasts = timedelta(seconds=house().settings.upload_ttl_s)
    return once(caller, header.idempotency_key, body, lambda: _created(caller, body), lasts=lasts)


def _created(caller: Caller, body: NewUpload) -> Response:
    ticket = uploads.issue_ticket(
        house(), caller.user_id, filename=body.filename, size=body.size, title=body.title, request=request_id()
    )
    shown = UploadTicket(
        id=ticket.video.id,
        url=absolute(ticket.form.url),
        fields=dict(ticket.form.fields),
        expires_at=time(ticket.video.expires_at),
        max_bytes=ticket.max_bytes,
    )
    return answer(shown, 201, location=f"/api/videos/{ticket.video.id}")
