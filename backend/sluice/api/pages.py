"""The interactive documentation of the API."""

from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template, send_from_directory

from .answers import as_asked

DOCS_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_SWAGGER = Path("templates", "swagger")

# Without validatorUrl, every view of the page asks a public service for a badge.
_START = """\
window.ui = SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
});
"""

blueprint = Blueprint("pages", __name__, template_folder="templates")


@blueprint.get("/api/openapi.json")
def description() -> Response:
    """The API as OpenAPI 3.1."""
    from .document import document_of

    response = jsonify(document_of(current_app))
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return as_asked(response)


@blueprint.get("/api/docs")
def docs() -> Response:
    """The API to read and to try out, with nothing fetched from elsewhere."""
    response = Response(render_template("docs.html"))
    response.headers["Content-Security-Policy"] = DOCS_CSP
    return response


@blueprint.get("/api/docs/start.js")
def docs_start() -> Response:
    """Starts the documentation; a file of its own, so that the page needs no inline script."""
    return Response(_START, mimetype="text/javascript")


@blueprint.get("/api/docs/<any('swagger-ui.css', 'swagger-ui-bundle.js'):name>")
def docs_part(name: str) -> Response:
    """The documentation's own script and style."""
    package = Path(str(files("flask_openapi3_swagger")))
    return send_from_directory(package / _SWAGGER / name.rpartition(".")[2], name, max_age=86400)


def install(flask_app: Flask) -> None:
    """Serve the pages."""
    flask_app.register_blueprint(blueprint)
