"""The models of the wire in JSON Schema, for the API's description."""

import types
from inspect import getdoc
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from .openapi import REF
from .wire import Model

_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}
_NULL = {"type": "null"}


def definition_of(model: type[Model]) -> dict[str, Any]:
    """The whole model, which others refer to by its name."""
    return {
        "description": getdoc(model),
        "type": "object",
        "properties": {name: _member(model, own) for own, name in model.names.items()},
        "required": [name for own, name in model.names.items() if own not in vars(model)],
        "additionalProperties": False,
    }


def schema_of(kind: Any) -> dict[str, Any]:
    """A value of this type."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        told = [told.schema for told in kind.__metadata__]
        return {name: value for part in (schema_of(inner[0]), *told) for name, value in part.items()}
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(inner[0]), _NULL]}
    if origin is Literal:
        return {"type": "string"} | ({"enum": list(inner)} if len(inner) > 1 else {"const": inner[0]})
    if origin is list:
        return {"type": "array", "items": schema_of(inner[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(inner[1])}
    if issubclass(kind, Model):
        return {"$ref": REF.format(model=kind.__name__)}
    return {"type": _SCALARS[kind]}


def parameters_of(model: type[Model], place: str) -> list[dict[str, Any]]:
    """Its members as parameters of an operation, which have a value or are left out, but are never null."""
    return [_parameter(model, own, name, place) for own, name in model.names.items()]


def _parameter(model: type[Model], own: str, name: str, place: str) -> dict[str, Any]:
    schema = _without_null(_member(model, own))
    described = {"description": schema.pop("description")} if "description" in schema else {}
    return {"name": name, "in": place, **described, "required": own not in vars(model), "schema": schema}


def _member(model: type[Model], own: str) -> dict[str, Any]:
    schema = schema_of(model.__annotations__[own])
    default = vars(model).get(own)
    # None where no null may be given stands for a member that is left out.
    known = own in vars(model) and (default is not None or _NULL in schema.get("anyOf", ()))
    return schema | ({"default": default} if known else {})


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    if _NULL not in schema.get("anyOf", ()):
        return schema
    plain = schema["anyOf"][0] | {name: value for name, value in schema.items() if name != "anyOf"}
    return {name: value for name, value in plain.items() if (name, value) != ("default", None)}
