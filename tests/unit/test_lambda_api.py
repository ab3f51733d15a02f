"""The gate of the API's function: requests pass, whatever else an event may ask for does not."""

import gc
import sys

import pytest

from sluice.entry import lambda_api
from sluice.entry.lambda_api import _body, _stage, request_of
from sluice.errors import Refused
from tests.packages import function_settings

V2 = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/api/videos",
    "rawQueryString": "limit=2",
    "cookies": ["a=b"],
    "headers": {"host": "sluice.example.org"},
    "requestContext": {"stage": "$default", "http": {"method": "GET", "path": "/api/videos"}},
    "isBase64Encoded": False,
}
V1 = {
    "version": "1.0",
    "resource": "/{proxy+}",
    "path": "/api/videos",
    "httpMethod": "GET",
    "headers": None,
    "multiValueHeaders": None,
    "queryStringParameters": {"limit": "2"},
    "requestContext": {"stage": "prod"},
    "body": None,
}
CODE = {
    "raw_command": "print('run')",
    "command": "os.getcwd",
    "manage": "shell",
    "stageVariables": {"SLUICE_ISSUER": "https://evil.example.org"},
    "Records": [{"Sns": {"Message": '{"command": "os.getcwd"}'}}],
    "detail-type": "Scheduled Event",
    "resources": ["a/b-os.getcwd"],
}


@pytest.mark.parametrize("event", [V2, V1], ids=["v2", "v1"])
def test_a_request_passes_as_it_is(event):
    assert request_of(event) == event


def test_a_request_of_a_rest_api_tells_no_version():
    event = {name: value for name, value in V1.items() if name != "version"}
    assert request_of(event) == event


@pytest.mark.parametrize("event", [V2, V1], ids=["v2", "v1"])
def test_what_is_no_part_of_a_request_is_left_out(event):
    assert request_of(event | CODE) == event


@pytest.mark.parametrize("name", [*CODE, "bot", "type", "triggerSource", "awslogs"])
def test_other_events_are_refused(name):
    with pytest.raises(Refused, match="takes no other events"):
        request_of({name: CODE.get(name, "TOKEN")})


@pytest.mark.parametrize("missing", ["rawPath", "headers", "requestContext"])
def test_half_a_request_is_refused(missing):
    with pytest.raises(Refused):
        request_of({name: value for name, value in V2.items() if name != missing} | CODE)


@pytest.mark.parametrize(
    "changed", [{"version": "3.0"}, {"version": None}, {"requestContext": {"eventType": "CONNECT"}}]
)
def test_an_unknown_kind_of_request_is_refused(changed):
    with pytest.raises(Refused):
        request_of(V2 | changed | CODE)


def test_a_rest_request_without_a_path_is_refused():
    with pytest.raises(Refused):
        request_of(V1 | {"path": ""})


@pytest.mark.parametrize(
    ("path", "begins_with"),
    [("/prod/api/videos", "/prod"), ("/prod", "/prod"), ("/products", ""), ("/api/videos", "")],
)
def test_the_stage_is_no_part_of_an_address(path, begins_with):
    assert _stage({"rawPath": path, "requestContext": {"stage": "prod"}}) == begins_with


@pytest.mark.parametrize("context", [{}, {"requestContext": None}, {"requestContext": {"stage": "prod"}}])
def test_a_rest_request_names_its_path_without_the_stage(context):
    assert _stage({"path": "/prod/api/videos"} | context) == ""


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", {"isBase64Encoded": False}),
        ("straße".encode(), {"isBase64Encoded": False, "body": "straße"}),
        (b"\xff\xd8", {"isBase64Encoded": True, "body": "/9g="}),
    ],
)
def test_what_is_no_text_travels_in_base64(content, told):
    assert _body(content) == told


@pytest.fixture
def function(tmp_path, monkeypatch):
    """What a function finds where it starts; Zappa is in the package alone."""
    (tmp_path / "zappa").mkdir()
    (tmp_path / "zappa" / "__init__.py").touch()
    (tmp_path / "zappa" / "wsgi.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(lambda_api.lambda_logs, "install", lambda _: None)
    list(map(monkeypatch.setenv, function_settings().keys(), function_settings().values()))
    before = {*sys.modules}
    yield
    lambda_api._web.cache_clear()
    list(map(sys.modules.pop, {"zappa", "zappa.wsgi"} - before, [None, None]))
    gc.unfreeze()


@pytest.mark.usefixtures("function")
def test_a_function_has_all_it_answers_with_before_its_first_request():
    lambda_api.warm_up()
    assert lambda_api._web.cache_info().currsize == 1
    assert "zappa.wsgi" in sys.modules
    assert gc.isenabled()
