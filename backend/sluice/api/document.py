"""The description of the whole API as OpenAPI 3.1, put together of what its routes tell."""

import re
from http import HTTPStatus
from typing import Any, get_type_hints

from flask import Flask

from .json_schema import definition_of, parameters_of, schema_of
from .openapi import Described, Operation
from .wire import Wire

API_VERSION = "1.0.0"
_KEPT = "sluice.document"

_ABOUT = {
    "title": "Sluice",
    "description": "Upload videos, watch them as HLS. Errors are RFC 9457 problems with a stable `code`.",
    "version": API_VERSION,
}
_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token (not an id token) of the issuer named in /config.json.",
    }
}


def document_of(web: Flask) -> dict[str, Any]:
    """What the described routes of this application do; put together once."""
    if _KEPT not in web.extensions:
        blueprints = [found for found in web.blueprints.values() if isinstance(found, Described)]
        web.extensions[_KEPT] = _document(blueprints)
    document: dict[str, Any] = web.extensions[_KEPT]
    return document


def _document(blueprints: list[Described]) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for blueprint in blueprints:
        for operation in blueprint.operations:
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"{blueprint.url_prefix or ''}{operation.rule}")
            paths.setdefault(path, {})[operation.method] = _operation(operation, blueprint.tag.name)
    models = sorted(Wire.__subclasses__(), key=lambda model: model.__name__)
    return {
        "openapi": "3.1.0",
        "info": _ABOUT,
        "servers": [{"url": "/"}],
        "tags": list({blueprint.tag.name: blueprint.tag._asdict() for blueprint in blueprints}.values()),
        "paths": paths,
        "components": {
            "schemas": {model.__name__: definition_of(model) for model in models},
            "securitySchemes": _SCHEMES,
        },
    }


def _operation(operation: Operation, tag: str) -> dict[str, Any]:
    asked, told = get_type_hints(operation.view), operation.told
    places = [place for place in ("header", "path", "query") if place in asked]
    parameters = [parameter for place in places for parameter in parameters_of(asked[place], place)]
    body = {"content": _json(asked["body"]), "required": True} if "body" in asked else None
    answers = {str(status): _answer(status, answer) for status, answer in sorted(told["responses"].items())}
    described = {
        "tags": [tag],
        "summary": (operation.view.__doc__ or "").partition("\n")[0],
        "operationId": told["operation_id"],
        "security": told["security"],
        "parameters": parameters,
        "requestBody": body,
        "responses": answers,
    }
    return {name: value for name, value in described.items() if value}


def _answer(status: int, answer: Any) -> dict[str, Any]:
    if isinstance(answer, type):
        return {"description": HTTPStatus(status).phrase, "content": _json(answer)}
    told: dict[str, Any] = answer
    return told


def _json(model: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema_of(model)}}
