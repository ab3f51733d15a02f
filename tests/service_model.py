"""Holds a request to AWS against botocore's description of the service, more strictly than botocore itself does:
its own check knows neither enumerations nor patterns nor the upper ends of ranges."""

import re
from functools import cache

import botocore.session
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator


@cache
def service(name):
    return botocore.session.get_session().get_service_model(name)


def breaches(service_name, operation, arguments):
    """What is wrong with these arguments of a boto3 call, in words; empty if nothing is."""
    model = service(service_name).operation_model(operation)
    report = ParamValidator().validate(arguments, model.input_shape)
    if report.has_errors():
        return [report.generate_report()]
    return [words for name, shape in _given(model.input_shape, arguments) for words in _wrong(name, shape)]


def parse(service_name, operation, body):
    """The arguments that stand behind a body as it is sent; ValueError with every breach."""
    model = service(service_name).operation_model(operation)
    arguments = _named(model.input_shape, body, operation)
    if found := breaches(service_name, operation, arguments):
        raise ValueError("; ".join(found))
    return arguments


def sent(service_name, operation, arguments):
    """The body that boto3 sends for these arguments, as text."""
    model = service(service_name)
    serializer = create_serializer(model.metadata["protocol"], include_validation=False)
    return serializer.serialize_to_request(arguments, model.operation_model(operation))["body"]


def answered(service_name, operation, values):
    """A value as the service answers it, under the names that go over the wire."""
    return _wired(service(service_name).operation_model(operation).output_shape, values)


def _given(shape, value, path=""):
    """Every simple value that was given, with its path and its shape."""
    match shape.type_name:
        case "structure":
            for name, inner in value.items():
                yield from _given(shape.members[name], inner, f"{path}.{name}")
        case "list":
            for place, inner in enumerate(value):
                yield from _given(shape.member, inner, f"{path}[{place}]")
        case "map":
            for name, inner in value.items():
                yield from _given(shape.value, inner, f"{path}.{name}")
        case _:
            yield path, (shape, value)


def _wrong(path, given):
    shape, value = given
    metadata = shape.metadata
    if (allowed := metadata.get("enum")) and value not in allowed:
        yield f"{path}: {value!r} is none of {allowed}"
    if (pattern := metadata.get("pattern")) and not re.search(pattern, value):
        yield f"{path}: {value!r} does not match {pattern}"
    size = len(value) if isinstance(value, str) else value
    if "min" in metadata and size < metadata["min"]:
        yield f"{path}: {value!r} is below {metadata['min']}"
    if "max" in metadata and size > metadata["max"]:
        yield f"{path}: {value!r} is above {metadata['max']}"


def _named(shape, value, path):
    """From the names on the wire to those of the arguments."""
    if shape.type_name == "structure":
        names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
        if strange := value.keys() - names.keys():
            raise ValueError(f"{path} does not know {sorted(strange)}")
        return {names[name]: _named(shape.members[names[name]], one, f"{path}.{name}") for name, one in value.items()}
    if shape.type_name == "list":
        return [_named(shape.member, one, path) for one in value]
    if shape.type_name == "map":
        return {name: _named(shape.value, one, f"{path}.{name}") for name, one in value.items()}
    # JSON knows one kind of number.
    return float(value) if shape.type_name in ("double", "float") else value


def _wired(shape, value):
    if shape.type_name == "structure":
        return {
            shape.members[name].serialization.get("name", name): _wired(shape.members[name], one)
            for name, one in value.items()
        }
    if shape.type_name == "list":
        return [_wired(shape.member, one) for one in value]
    if shape.type_name == "map":
        return {name: _wired(shape.value, one) for name, one in value.items()}
    return value
