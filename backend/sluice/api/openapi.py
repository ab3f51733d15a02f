"""How the API describes itself: what every operation may answer, and the whole as OpenAPI 3.1."""

from http import HTTPStatus
from typing import Any

from flask_openapi3.models.info import Info
from flask_openapi3.models.security_scheme import SecurityScheme
from flask_openapi3.models.server import Server
from flask_openapi3.models.tag import Tag
from flask_openapi3.openapi import OpenAPI
from pydantic.json_schema import models_json_schema

from . import schemas
from .schemas import Wire

API_VERSION = "1.0.0"
REF = "#/components/schemas/{model}"
SIGNED_IN: list[dict[str, list[Any]]] = [{"bearer": []}]
ANYBODY: list[dict[str, list[Any]]] = [{}, {"bearer": []}]

UPLOADS = Tag(name="uploads", description="Getting a file in.")
VIDEOS = Tag(name="videos", description="Publishing, watching, changing.")
SYSTEM = Tag(name="system", description="The service itself.")

_SCHEMES: dict[str, SecurityScheme | dict[str, Any]] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token (not an id token) of the issuer named in /config.json.",
    }
}
_PROBLEMS = {
    400: ("malformed_json", "The body is not well-formed JSON."),
    401: ("unauthenticated", "No token, or not a valid one."),
    404: ("not_found", "No such video, or not for this caller."),
    409: ("conflict", "Not in this state (`not_uploaded`, `not_failed`, `source_gone`), or changed meanwhile."),
    413: ("too_large", "The file would be too large, or the body is (`body_too_large`)."),
    415: ("not_json", "The body is not declared as JSON."),
    422: ("invalid_fields", "Some fields can't be taken, each is named; or `idempotency_key_reused`."),
    429: ("daily_limit", "All that is encoded for this user in a day (UTC) is used up; the detail says until when."),
    501: ("format_not_offered", "Not in this format."),
    503: ("unavailable", "Something behind the API does not answer; try again."),
    507: ("no_space", "There is no room for another upload."),
}
_EXAMPLE_ERRORS = [{"field": "title", "message": "Give 1 to 200 characters."}]
_ETAG = {"ETag": {"description": "Changes with the body.", "schema": {"type": "string"}}}
_LOCATION = {"Location": {"description": "Where to find it.", "schema": {"type": "string", "format": "uri"}}}
_REPLAYED = {
    "Idempotency-Replayed": {
        "description": "`true` if this is the kept answer to an earlier call with the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}


def documented(good: dict[int, Any], *problems: int) -> dict[str | int, Any]:
    """The documented answers of an operation: the good ones, and these statuses as problems; 503 always."""
    found: dict[str | int, Any] = {status: _problem(status) for status in (*problems, 503)}
    return found | good


def _problem(status: int) -> dict[str, Any]:
    code, words = _PROBLEMS[status]
    example = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": words,
        "code": code,
    }
    if status == 422:
        example["errors"] = _EXAMPLE_ERRORS
    schema = {"$ref": REF.format(model="Problem")}
    headers = {"WWW-Authenticate": {"schema": {"type": "string"}}} if status == 401 else None
    content = {"application/problem+json": {"schema": schema, "example": example}}
    return {"description": words, "content": content, **({"headers": headers} if headers else {})}


def created(model: type[Wire], words: str) -> dict[str, Any]:
    """The answer to a creating call."""
    return _described(model, words, {**_LOCATION, **_REPLAYED})


def tagged(model: type[Wire], words: str) -> dict[str, Any]:
    """An answer that carries an ETag."""
    return _described(model, words, _ETAG)


def not_modified() -> dict[str, Any]:
    """The answer to a condition that held."""
    return {"description": "Still what the given ETag stands for.", "headers": _ETAG}


def _described(model: type[Wire], words: str, headers: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}}
    return {"description": words, "content": content, "headers": headers}


class DescribedApp(OpenAPI):
    """A Flask application whose description says exactly what its views declare."""

    def __init__(self, import_name: str) -> None:
        super().__init__(
            import_name,
            info=Info(
                title="Sluice",
                version=API_VERSION,
                description="Upload videos, watch them as HLS. Errors are RFC 9457 problems with a stable `code`.",
            ),
            servers=[Server(url="/")],
            security_schemes=_SCHEMES,
            validation_error_model=schemas.Problem,
            doc_ui=False,
            static_folder=None,
        )

    def generate_spec_json(self) -> None:
        super().generate_spec_json()  # type: ignore[no-untyped-call]
        # Its own model of a schema drops keywords that it does not know; pydantic's are the whole truth.
        models = [(model, "validation") for model in Wire.__subclasses__()]
        _, definitions = models_json_schema(models, ref_template=REF)  # type: ignore[arg-type]
        self.spec_json["components"]["schemas"] = definitions["$defs"]
        for path in self.spec_json["paths"].values():
            for operation in path.values():
                _drop_foreign_422(operation["responses"])
                _drop_null_defaults(operation.get("parameters", []))


def _drop_foreign_422(responses: dict[str, Any]) -> None:
    """flask-openapi3 adds a 422 of its own form to operations that declare none."""
    if "application/json" in responses.get("422", {}).get("content", {}):
        del responses["422"]


def _drop_null_defaults(parameters: list[dict[str, Any]]) -> None:
    """A parameter that is left out has no value; null is none that it could be given."""
    for parameter in parameters:
        if parameter["schema"].get("default", ...) is None:
            del parameter["schema"]["default"]
