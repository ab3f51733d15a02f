"""Whatever is sent, the answer is one that the API describes."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluice.api.document import document_of

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["public", "private", "A walk"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(["id", "title", "description", "visibility", "filename", "size"]) | st.text(max_size=10)
BODIES = st.dictionaries(NAMES, VALUES, max_size=6).map(json.dumps) | VALUES.map(json.dumps) | st.text() | st.binary()
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def described(web: Flask, method: str, rule: str) -> set[int]:
    operation = document_of(web)["paths"][rule][method.lower()]
    return {int(status) for status in operation["responses"]}


@pytest.mark.parametrize(
    ("method", "rule"), [("POST", "/api/uploads"), ("POST", "/api/videos"), ("PATCH", "/api/videos/{id}")]
)
@QUICK
@given(body=BODIES)
def test_any_body_is_answered(ann: Any, shelf: Any, web: Flask, method: str, rule: str, body: Any) -> None:
    answer = ann(method, rule.format(id=shelf.done().id), data=body, content_type="application/json")

    assert answer.status_code in described(web, method, rule) - {503}


@QUICK
@given(query=st.dictionaries(st.sampled_from(["limit", "cursor"]) | st.text(max_size=5), st.text(), max_size=3))
def test_any_query_is_answered(anybody: Any, query: dict[str, str]) -> None:
    assert anybody("GET", "/api/videos", query_string=query).status_code in {200, 422}


@QUICK
@given(path=st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_address_is_answered(anybody: Any, path: str) -> None:
    assert anybody("GET", f"/api/videos/{quote(path, safe='')}").status_code in {200, 404, 405, 422}


@QUICK
@given(header=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60))
def test_any_token_is_answered(anybody: Any, header: str) -> None:
    assert anybody("GET", "/api/me/videos", headers={"Authorization": header}).status_code == 401
