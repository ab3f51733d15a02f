"""The description of the whole API as OpenAPI 3.1, put together of what its routes tell."""

from typing import Any

from flask import Flask
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.models.security_scheme import SecurityScheme
from flask_openapi3.models.server import Server
from flask_openapi3.models.tag import Tag
from flask_openapi3.openapi import OpenAPI
from pydantic.json_schema import models_json_schema

from . import schemas
from .openapi import REF, Described
from .schemas import Wire

API_VERSION = "1.0.0"
_KEPT = "sluice.document"

_SCHEMES: dict[str, SecurityScheme | dict[str, Any]] = {
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
        described = _DescribedApp(__name__)
        described.url_map.converters.update(web.url_map.converters)
        for blueprint in web.blueprints.values():
            if isinstance(blueprint, Described):
                described.register_api(_told(blueprint))
        web.extensions[_KEPT] = described.api_doc
    document: dict[str, Any] = web.extensions[_KEPT]
    return document


def _told(blueprint: Described) -> APIBlueprint:
    """The same routes, in the way of flask-openapi3, which describes them from their annotations."""
    tag = Tag(name=blueprint.tag.name, description=blueprint.tag.description)
    told = APIBlueprint(blueprint.name, __name__, url_prefix=blueprint.url_prefix, abp_tags=[tag])
    for operation in blueprint.operations:
        getattr(told, operation.method)(operation.rule, **operation.told)(operation.view)
    return told


class _DescribedApp(OpenAPI):
    """An application that serves nothing; its description says exactly what its views declare."""

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
