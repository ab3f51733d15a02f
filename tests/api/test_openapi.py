"""The description of the API is whole and true."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sluice.api.app import description
from sluice.api.wire import Wire

ROOT = Path(__file__).parents[2]
METHODS = {"GET", "POST", "PATCH", "DELETE"}
PAGES = {"/api/openapi.json", "/api/docs", "/api/docs/start.js"}
NAMES = (
    "createUpload publishVideo listVideos getVideo getVideoStatus getVideoReceipt getVideoSource changeVideo "
    "deleteVideo retryVideo listMyVideos announceMyName"
)


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/api/openapi.json").json
    return document


def operations(document: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_every_route_is_described(web: Flask, document: dict[str, Any]) -> None:
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in web.url_map.iter_rules()
        for method in (rule.methods or set()) & METHODS
        if rule.rule not in PAGES and not rule.endpoint.startswith(("pages.", "site."))
    }

    assert set(operations(document)) == routes


def test_the_types_of_the_site_come_from_this_description() -> None:
    kept = json.loads((ROOT / "frontend" / "openapi.json").read_text())

    assert kept == json.loads(json.dumps(description())), "run: make api"


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")


def test_operations_have_names_for_a_generated_client(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document).values()]

    others = ["getEmbed", "getHealth", "getSiteConfig", "getOperations", "replayDeadLetter", "dropDeadLetter"]
    assert sorted(names) == sorted([*NAMES.split(), *others])


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = set(re.findall(r"#/components/schemas/(\w+)", str(document)))

    assert references <= set(document["components"]["schemas"])


def test_every_model_is_described_whole(document: dict[str, Any]) -> None:
    assert set(document["components"]["schemas"]) == {model.__name__ for model in Wire.__subclasses__()}
    assert document["components"]["schemas"]["NewVideo"]["additionalProperties"] is False
    assert document["components"]["schemas"]["NewVideo"]["required"] == ["id", "title"]


def test_what_needs_a_token_says_so(document: dict[str, Any]) -> None:
    found = operations(document)
    needing = {key for key, operation in found.items() if operation.get("security") == [{"bearer": []}]}
    refusing = {key for key, operation in found.items() if "401" in operation["responses"]}

    own = {("GET", f"/api/videos/{{id}}/{noun}") for noun in ("receipt", "source")}
    private = {("GET", "/api/me/videos"), ("GET", "/api/ops")} | own
    assert {key for key in found if key[0] != "GET"} | private == needing
    assert refusing - needing == {("GET", "/api/videos/{id}"), ("GET", "/api/videos/{id}/status")}


def test_errors_are_described_as_problems(document: dict[str, Any]) -> None:
    kinds = {
        kind
        for operation in operations(document).values()
        for status, response in operation["responses"].items()
        if status >= "400"
        for kind in response["content"]
    }

    assert kinds == {"application/problem+json"}


def test_what_takes_a_body_describes_how_it_may_be_refused(document: dict[str, Any]) -> None:
    taking = [operation for operation in operations(document).values() if "requestBody" in operation]

    assert len(taking) == 3
    assert all({"400", "401", "413", "415", "422"} <= set(operation["responses"]) for operation in taking)


def test_patterns_are_those_that_are_enforced(document: dict[str, Any]) -> None:
    pattern = document["components"]["schemas"]["NewVideo"]["properties"]["title"]["pattern"]

    assert re.fullmatch(pattern[1:-1], "A walk \U0001f525")
    assert not re.fullmatch(pattern[1:-1], " \t")
    assert not re.fullmatch(pattern[1:-1], "evil\u202egnp.exe")


def test_the_page_fetches_nothing_from_elsewhere(client: FlaskClient) -> None:
    answer = client.get("/api/docs")

    parts = re.findall(r'(?:src|href)="([^"]+)"', answer.get_data(as_text=True))
    assert {part for part in parts if not part.startswith("/api/")} == {"data:,"}
    assert "connect-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-eval" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("part", "kind"),
    [("start.js", "text/javascript"), ("swagger-ui-bundle.js", "text/javascript"), ("swagger-ui.css", "text/css")],
)
def test_the_page_has_its_parts_here(client: FlaskClient, part: str, kind: str) -> None:
    with client.get(f"/api/docs/{part}") as answer:
        assert (answer.status_code, answer.mimetype) == (200, kind)


def test_the_document_is_not_sent_again(client: FlaskClient) -> None:
    etag = client.get("/api/openapi.json").headers["ETag"]

    assert client.get("/api/openapi.json", headers={"If-None-Match": etag}).status_code == 304
