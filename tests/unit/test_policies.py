"""What each function on AWS may do is what its code can come to do: nothing is missing, nothing to spare."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.session import get_session

from sluice import messages, ports
from tests.call_graph import CallGraph, Use

POLICIES = Path(__file__).parents[2] / "terraform" / "policies"
ADAPTERS = {
    "videos": "sluice.adapters.aws.dynamo:DynamoVideos",
    "replies": "sluice.adapters.aws.replies:DynamoReplies",
    "ledger": "sluice.adapters.aws.ledger:DynamoLedger",
    "rates": "sluice.adapters.aws.rates:DynamoRates",
    "sources": "sluice.adapters.aws.s3:S3Objects",
    "media": "sluice.adapters.aws.s3:S3Objects",
    "queue": "sluice.adapters.aws.sqs:SqsQueue",
    "encoder": "sluice.adapters.aws.mediaconvert:MediaConvertEncoder",
    "people": "sluice.adapters.aws.cognito:CognitoPeople",
}
# They ask nothing of AWS: the one looks at a file that S3Objects.location shows it, the other computes.
ALONE = {"probe", "links"}
LOCAL_ROUTES = {"sluice.api.storage", "sluice.api.downloads", "sluice.api.media", "sluice.api.site"}
SERVICES = ("dynamodb", "s3", "sqs", "mediaconvert", "cognito-idp")
INDEXES = {"owned", "public", "due"}
LANES = ("sources", "encodes", "tasks")
FUNCTIONS = ("api", *LANES, "sweep")

BUCKETS = {"sources": "${raw}", "media": "${media}"}
OBJECTS = {"sources": "${raw}/*", "media": "${media}/media/*"}
# What IAM calls them, where it isn't the operation's own name; and what S3 asks for besides to say 404 and not 403.
S3 = {
    "HeadObject": ("s3:GetObject", "s3:ListBucket"),
    "GetObject": ("s3:GetObject", "s3:ListBucket"),
    "PutObject": ("s3:PutObject",),
    "ListObjectsV2": ("s3:ListBucket",),
    "ListObjectVersions": ("s3:ListBucketVersions",),
    "DeleteObjects": ("s3:DeleteObject", "s3:DeleteObjectVersion"),
}
MEDIACONVERT = {
    # With tags it takes the right to tag what is created.
    "CreateJob": [
        ("mediaconvert:CreateJob", "${encoder_queue}"),
        ("mediaconvert:TagResource", "${encoder_jobs}"),
        ("iam:PassRole", "${encoder_role}"),
    ],
    "ListJobs": [("mediaconvert:ListJobs", "${encoder_queue}")],
    "GetJob": [("mediaconvert:GetJob", "${encoder_jobs}")],
    "CancelJob": [("mediaconvert:CancelJob", "${encoder_jobs}")],
}

Grant = tuple[str, str]


@cache
def graph() -> CallGraph:
    # The composition root names both homes; the one on this machine is never built on AWS.
    return CallGraph(ADAPTERS, outside=["sluice.wiring.local:local_home"])


MODULES = [*graph().modules_below("sluice.adapters.aws"), "sluice.adapters.presigned_post"]


@cache
def operations() -> dict[str, tuple[str, str]]:
    """boto3's method names: the service and operation that each is."""
    models = {service: get_session().get_service_model(service) for service in SERVICES}
    found = {xform_name(name): (service, name) for service, model in models.items() for name in model.operation_names}
    # Signed here, used by the browser: it may do what the signer may.
    return found | {"generate_presigned_post": ("s3", "PutObject"), "generate_presigned_url": ("s3", "GetObject")}


def needed(name: str) -> set[Grant]:
    """What the function `name` can come to ask of AWS."""
    words = graph().words(roots(name), kinds(name))
    return {grant for use in words for grant in grants(use)} | queries(words)


def roots(name: str) -> list[str]:
    if name != "api":
        return [f"sluice.entry.lambdas:{name}"]
    modules = [*graph().modules_below("sluice.api"), "sluice.entry.lambda_api"]
    return [function for module in modules if module not in LOCAL_ROUTES for function in graph().functions_of(module)]


def kinds(name: str) -> list[str]:
    """The messages that the function may have to handle."""
    return [kind.__name__ for kind in messages.Message.__args__ if lane(kind) == name]


def sent_to(message: str) -> str:
    """The lane of a message that is sent as it is made, or as the end that the encoder told."""
    kinds = ports.EncodeEnd.__args__ if message == "end" else [getattr(messages, message)]
    (only,) = {lane(kind) for kind in kinds}
    return only


def lane(kind: type) -> str:
    return messages.lane_of(kind.__new__(kind))


def grants(use: Use) -> Iterator[Grant]:
    if use.word.startswith("send "):
        yield "sqs:SendMessage", f"${{{sent_to(use.word.removeprefix('send '))}}}"
    if not is_call(use):
        return
    service, operation = operations()[use.word]
    if service == "s3":
        yield from ((action, s3_resource(action, use.port)) for action in S3[operation])
    elif service == "mediaconvert":
        yield from MEDIACONVERT[operation]
    elif service == "cognito-idp":
        yield f"cognito-idp:{operation}", "${pool}"
    elif service == "dynamodb" and operation != "Query":
        yield f"dynamodb:{operation}", "${table}"


def is_call(use: Use) -> bool:
    """Whether the word is an operation of AWS, in a module that speaks to it."""
    return use.word in operations() and use.function.partition(":")[0] in MODULES


def s3_resource(action: str, port: str) -> str:
    return BUCKETS[port] if action.startswith("s3:ListBucket") else OBJECTS[port]


def queries(words: set[Use]) -> set[Grant]:
    named = {use.word for use in words if use.function.startswith(ADAPTERS["videos"])}
    return {("dynamodb:Query", f"${{table}}/index/{index}") for index in INDEXES & named}


@cache
def statements(name: str) -> dict[str, dict[str, object]]:
    policy = json.loads((POLICIES / f"{name}.json.tftpl").read_text(encoding="utf-8"))
    return {one["Sid"]: one for one in policy["Statement"]}


def granted(name: str, *but: str) -> set[Grant]:
    return {
        (action, resource)
        for sid, one in statements(name).items()
        if sid not in but
        for action in listed(one["Action"])
        for resource in listed(one["Resource"])
    }


def listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_do_what_its_code_does_and_no_more(name: str) -> None:
    assert granted(name, "Log", "Poll") == needed(name)


def test_no_call_to_aws_is_out_of_sight() -> None:
    functions = [function for module in MODULES for function in graph().functions_of(module)]
    written = {(use.function, use.word) for use in graph().words(functions) if is_call(use)}
    seen = {(use.function, use.word) for name in FUNCTIONS for use in graph().words(roots(name), kinds(name))}

    assert written - seen == set()


@pytest.mark.parametrize("name", LANES)
def test_lambda_may_fetch_from_the_lane_s_own_queue(name: str) -> None:
    actions = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}

    assert statements(name)["Poll"]["Resource"] == f"${{{name}}}"
    assert set(listed(statements(name)["Poll"]["Action"])) == actions


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_writes_its_own_log_and_no_other(name: str) -> None:
    assert statements(name)["Log"]["Resource"] == f"${{logs}}-{name}:*"
    assert set(listed(statements(name)["Log"]["Action"])) == {"logs:CreateLogStream", "logs:PutLogEvents"}


@pytest.mark.parametrize("name", ["sources"])
def test_the_encoder_s_role_is_given_to_the_encoder_alone(name: str) -> None:
    condition = statements(name)["GiveRole"]["Condition"]

    assert condition == {"StringEquals": {"iam:PassedToService": "mediaconvert.amazonaws.com"}}


@pytest.mark.parametrize("name", [*FUNCTIONS, "encoder"])
def test_nothing_is_granted_on_everything(name: str) -> None:
    wide = {
        (action, resource) for action, resource in granted(name) if "*" in action or not re.match(r"\$\{", resource)
    }

    assert wide == set()


def test_every_port_has_its_adapter_here() -> None:
    not_ports = {"settings", "now", "new_id"}

    assert {field.name for field in fields(ports.App)} - not_ports - ALONE == set(ADAPTERS)
