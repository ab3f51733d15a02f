"""The package's own functions, run as Lambda runs them, on events as AWS sends them."""

import base64
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.making import an_id
from tests.packages import the_package
from tests.rehearsal.account import an_account
from tests.rehearsal.lambda_box import Function, FunctionError, LambdaBox, unpack

pytestmark = pytest.mark.e2e

CLIENT_ID = "the-client"
PROBLEM = "application/problem+json"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
JWKS = {"keys": [{**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "k1", "alg": "RS256"}]}


class Issuer(BaseHTTPRequestHandler):
    """Whoever signs the tokens, as far as its keys."""

    def do_GET(self):
        body = json.dumps(JWKS).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *told):
        pass


@pytest.fixture(scope="module")
def issuer():
    """The issuer's address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Issuer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/pool"
        server.shutdown()


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    return unpack(the_package(), tmp_path_factory.mktemp("unpacked"))


@pytest.fixture(scope="module")
def account(issuer):
    with an_account(SLUICE_ISSUER=issuer, SLUICE_JWKS_URL=f"{issuer}/.well-known/jwks.json") as account:
        yield account


@pytest.fixture(scope="module")
def run(unpacked, account, tmp_path_factory):
    """Gives the box of a function, the same one again for the same name."""
    boxes = {}

    def run(name):
        handler = "handler.lambda_handler" if name == "api" else f"sluice.entry.lambdas.{name}"
        function = Function(f"sluice-{name}", handler, account.settings, 1024, 60, layer=name == "sources")
        if name not in boxes:
            log = tmp_path_factory.mktemp(name) / "log"
            boxes[name] = LambdaBox(unpacked, function, log, AWS_ENDPOINT_URL=account.endpoint)
        return boxes[name]

    yield run
    for box in boxes.values():
        box.close()


@pytest.fixture(scope="module")
def api(run):
    return run("api")


@pytest.fixture
def ann(issuer):
    """The header of a signed-in user."""
    now = datetime.now(UTC)
    claims = {"sub": "ann", "iss": issuer, "client_id": CLIENT_ID, "token_use": "access"}
    times = {"iat": now, "exp": now + timedelta(hours=1)}
    return {"authorization": f"Bearer {jwt.encode(claims | times, KEY, 'RS256', headers={'kid': 'k1'})}"}


def request(method, path, *, query="", headers=None, body=None, **more):
    """An event as API Gateway's HTTP API sends it, in format 2.0."""
    about = {
        "stage": "$default",
        "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
    }
    sent = {"host": "abc.execute-api.us-east-1.amazonaws.com", "x-forwarded-proto": "https", **(headers or {})}
    event = {"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query, "headers": sent}
    return event | {"requestContext": about, "isBase64Encoded": False} | ({"body": body} if body else {}) | more


def sqs(*bodies):
    records = [
        {"messageId": f"m{number}", "body": body, "eventSource": "aws:sqs", "receiptHandle": "r"}
        for number, body in enumerate(bodies)
    ]
    return {"Records": records}


def problem(answer):
    """The status and code of a problem, which is text."""
    assert answer["headers"]["Content-Type"] == PROBLEM
    assert answer["isBase64Encoded"] is False
    return answer["statusCode"], json.loads(answer["body"])["code"]


def test_it_is_alive(api):
    answer = api.invoke(request("GET", "/api/health"))

    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, False)
    assert json.loads(answer["body"]) == {"status": "ok"}
    assert answer["headers"]["X-Content-Type-Options"] == "nosniff"


def test_head_is_answered_without_a_body(api):
    answer = api.invoke(request("HEAD", "/api/health"))

    assert (answer["statusCode"], "body" in answer) == (200, False)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/me/videos", (401, "unauthenticated")),
        ("GET", f"/api/videos/{an_id(1)}", (404, "not_found")),
        ("GET", "/api/nothing", (404, "not_found")),
        ("PUT", "/api/videos", (405, "method_not_allowed")),
        ("DELETE", f"/api/videos/{an_id(1)}", (401, "unauthenticated")),
    ],
)
def test_problems_are_text(api, method, path, expected):
    assert problem(api.invoke(request(method, path))) == expected


def test_a_query_arrives_as_it_was_sent(api):
    answer = api.invoke(request("GET", "/api/videos", query="limit=1&limit=2"))

    assert problem(answer) == (422, "invalid_fields")
    assert json.loads(answer["body"])["errors"][0]["field"] == "limit"


def test_a_signed_in_user_gets_a_ticket(api, ann):
    body = json.dumps({"filename": "straße.mp4"})
    headers = ann | {"content-type": "application/json"}
    answer = api.invoke(request("POST", "/api/uploads", headers=headers, body=body))

    ticket = json.loads(answer["body"])
    assert answer["statusCode"] == 201
    assert answer["headers"]["Location"].endswith(f"/api/videos/{ticket['id']}")


def test_a_body_in_base64_is_read(api, ann):
    body = base64.b64encode(json.dumps({"filename": "straße.mp4"}).encode()).decode()
    headers = ann | {"content-type": "application/json"}
    event = request("POST", "/api/uploads", headers=headers, body=body, isBase64Encoded=True)

    assert api.invoke(event)["statusCode"] == 201


def test_cookies_neither_help_nor_harm(api, ann):
    event = request("GET", "/api/me/videos", cookies=[f"authorization={ann['authorization']}", "a=b; c"])

    assert problem(api.invoke(event)) == (401, "unauthenticated")


def test_a_rest_api_is_answered_too(api):
    event = {"resource": "/{proxy+}", "path": "/api/health", "httpMethod": "GET", "headers": {"Host": "example.org"}}
    answer = api.invoke(event | {"requestContext": {"stage": "prod"}, "body": None, "isBase64Encoded": False})

    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/start.js", "/api/docs/swagger-ui-bundle.js"])
def test_the_documentation_is_there_as_text(api, path):
    answer = api.invoke(request("GET", path))

    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, False)


def test_the_description_is_whole(api):
    paths = json.loads(api.invoke(request("GET", "/api/openapi.json"))["body"])["paths"]

    assert {"/api/uploads", "/api/videos", "/api/videos/{id}"} <= set(paths)


@pytest.mark.parametrize(
    "event",
    [
        {"raw_command": "raise SystemExit"},
        {"command": "os.getcwd"},
        {"manage": "shell"},
        {"detail-type": "Scheduled Event", "resources": ["a/b-os.getcwd"]},
        {"Records": [{"Sns": {"Message": '{"command": "os.getcwd"}'}}]},
        {"awslogs": {"data": ""}},
        {"version": "2.0", "raw_command": "raise SystemExit"},
        {},
    ],
    ids=lambda event: next(iter(event), "nothing"),
)
def test_the_api_takes_nothing_but_requests(api, event):
    with pytest.raises(FunctionError, match="takes no other events") as error:
        api.invoke(event)
    assert error.value.kind == "Refused"


def test_a_request_can_not_change_the_settings(api):
    evil = {"stageVariables": {"SLUICE_PUBLIC_URL": "https://evil.example.org"}, "raw_command": "raise SystemExit"}
    api.invoke(request("GET", "/api/health") | evil)

    assert json.loads(api.invoke(request("GET", "/config.json"))["body"])["publicUrl"] == "https://sluice.example.org"


@pytest.mark.parametrize("lane", ["sources", "encodes", "tasks"])
def test_a_poison_record_alone_is_given_back(run, lane):
    test_event = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"})
    answer = run(lane).invoke(sqs(test_event, "poison", json.dumps({"type": "VideoDeleted", "video_id": an_id(9)})))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def test_the_sweep_tells_what_it_did(run):
    event = {"detail-type": "Scheduled Event", "source": "aws.events", "resources": ["arn:aws:events:x:1:rule/sweep"]}

    assert run("sweep").invoke(event) == {"due": 0, "overdue": 0}
    assert [line["overdue"] for line in map(json.loads, run("sweep").lines()[1:]) if "overdue" in line] == [0]


def test_every_line_of_the_log_is_json_and_none_has_a_token(api, ann):
    api.invoke(request("GET", "/api/me/videos", headers=ann), "request-7")

    lines = [json.loads(line) for line in api.lines()[1:]]
    mine = [line for line in lines if line.get("requestId") == "request-7"]
    assert [line["logger"] for line in mine] == ["sluice.access"]
    assert "path=/api/me/videos status=200" in mine[0]["message"]
    assert ann["authorization"].split()[1] not in "\n".join(api.lines())
