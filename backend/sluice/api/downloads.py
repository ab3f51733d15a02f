"""Uploaded files for whoever has a signed address of one: what a presigned GET does in S3."""

from flask import Blueprint, Response, request

from sluice.adapters.attachment import attachment
from sluice.adapters.local.downloads import DownloadLinks
from sluice.adapters.local.files import LocalObjects
from sluice.errors import NotFound, Refused

from .served_file import with_file


def blueprint(objects: LocalObjects, links: DownloadLinks) -> Blueprint:
    """The objects, each at the addresses that were signed for it; any other address leads nowhere."""
    routes = Blueprint("downloads", __name__)

    def download(key: str) -> Response:
        name = links.file_name(key, request.args)
        if name is None:
            return _not_found()
        try:
            file = objects.open(key)
        except (NotFound, Refused):
            return _not_found()
        return with_file(_kept_as(name), file)

    address = f"{links.base}/<path:key>"
    routes.add_url_rule(address, view_func=download, methods=["GET"], provide_automatic_options=False)
    return routes


def _kept_as(name: str) -> Response:
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": attachment(name),
        # Whatever somebody uploaded: no browser may take it for a page of ours.
        "X-Content-Type-Options": "nosniff",
    }
    return Response(headers=headers, mimetype="application/octet-stream")


def _not_found() -> Response:
    return Response("Not found.\n", 404, {"Cache-Control": "no-store"}, mimetype="text/plain")
