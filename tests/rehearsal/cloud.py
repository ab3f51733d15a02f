"""An account of AWS on this machine: an emulator that holds every call against the caller's policies, MediaConvert,
which it lacks, and a box for every function."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

import boto3

from tests.rehearsal.boxes import Boxes
from tests.rehearsal.lambda_box import REGION, unpack
from tests.rehearsal.mediaconvert import MediaConvert, put, serving

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".rehearsal" / "bin" / "python"
EMULATOR = Path(__file__).with_name("emulator.py")
ACCOUNT = "123456789012"
FUNCTIONS = ("api", "sources", "encodes", "tasks", "sweep")
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


@dataclass(frozen=True)
class Cloud:
    """The account's owner's view of it."""

    environ: dict[str, str]
    boxes: Boxes
    encoder: MediaConvert

    @property
    def endpoint(self) -> str:
        """Where the emulator answers."""
        return self.environ["AWS_ENDPOINT_URL"]

    def client(self, service: str) -> Any:
        """A client with the owner's keys."""
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        return boto3.client(service, region_name=REGION, endpoint_url=self.endpoint, **keys)

    def invoke(self, function: str, event: object) -> Any:
        """What the function answers, asked for by its owner."""
        answer = self.client("lambda").invoke(FunctionName=f"sluice-{function}", Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())

    def left(self) -> dict[str, list[Any]]:
        """What is still there of the kinds of things that cost, keep or may do something."""
        found = {
            "buckets": self.client("s3").list_buckets()["Buckets"],
            "tables": self.client("dynamodb").list_tables()["TableNames"],
            "queues": self.client("sqs").list_queues().get("QueueUrls", []),
            "functions": self.client("lambda").list_functions()["Functions"],
            "mappings": self.client("lambda").list_event_source_mappings()["EventSourceMappings"],
            "rules": self.client("events").list_rules()["Rules"],
            "pools": self.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"],
            "apis": self.client("apigatewayv2").get_apis()["Items"],
            "alarms": self.client("cloudwatch").describe_alarms()["MetricAlarms"],
            "topics": self.client("sns").list_topics()["Topics"],
            "logs": self.client("logs").describe_log_groups()["logGroups"],
            "roles": [one for one in self.client("iam").list_roles()["Roles"] if one["RoleName"].startswith("sluice")],
            "sites": self.client("cloudfront").list_distributions()["DistributionList"].get("Items", []),
        }
        return {kind: things for kind, things in found.items() if things}


@contextmanager
def a_cloud(package: Path, folder: Path) -> Iterator[Cloud]:
    """An empty account whose functions, once they are there, run the package."""
    port = _free_port()
    environ = {**KEYS, "AWS_REGION": REGION, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    roles = _Roles(environ)
    encoder = MediaConvert(roles.client_of("sluice-encoder"), lambda event: put(roles.client, event))
    surroundings = {"AWS_ENDPOINT_URL": environ["AWS_ENDPOINT_URL"]}
    with serving(encoder) as address, Boxes(unpack(package, folder), folder, roles.describe, **surroundings) as boxes:
        environ["AWS_ENDPOINT_URL_MEDIACONVERT"] = address
        boxes.surround(AWS_ENDPOINT_URL_MEDIACONVERT=address)
        with _emulator(port, boxes.address, folder / "emulator.log"):
            yield Cloud(environ, boxes, encoder)


class _Roles:
    """The roles that Terraform makes, as those who act in them know them."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._environ = environ

    def describe(self, function: str) -> tuple[dict[str, Any], dict[str, str]]:
        told = self.client("lambda").get_function_configuration(FunctionName=function)
        keys = self._keys(told["Role"])
        names = {"AccessKeyId": "AWS_ACCESS_KEY_ID", "SecretAccessKey": "AWS_SECRET_ACCESS_KEY"}
        names["SessionToken"] = "AWS_SESSION_TOKEN"
        return told, {names[name]: value for name, value in keys.items()}

    def client_of(self, role: str) -> Callable[[str], Any]:
        """Makes clients that may do what the role may, for a service that acts in it."""

        @cache
        def made(service: str) -> Any:
            return self.client(service, **self._stand_in(role))

        return made

    def _stand_in(self, role: str) -> dict[str, str]:
        """Keys of a user who may do what the role may, which opens itself to its service alone."""
        iam, name = self.client("iam"), f"stand-in-{uuid4().hex[:8]}"
        iam.create_user(UserName=name)
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = json.dumps(iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"])
            iam.put_user_policy(UserName=name, PolicyName=policy, PolicyDocument=document)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}

    def _keys(self, arn: str) -> dict[str, str]:
        found = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="rehearsal")["Credentials"]
        return {name: found[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}

    def client(self, service: str, **keys: str) -> Any:
        given = keys or {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        return boto3.client(service, region_name=REGION, endpoint_url=self._environ["AWS_ENDPOINT_URL"], **given)


@contextmanager
def _emulator(port: int, functions_at: str, log: Path) -> Iterator[None]:
    told = {f"MINISTACK_LAMBDA_PROXY_sluice-{name}": functions_at for name in FUNCTIONS}
    environ = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "MINISTACK_HOST": "127.0.0.1", "AUTH": "true"}
    environ |= {"MINISTACK_REGION": REGION, "MINISTACK_ACCOUNT_ID": ACCOUNT, "LOG_LEVEL": "WARNING", "PATH": os.defpath}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [PYTHON, EMULATOR], env=environ | KEYS | told, stdout=output, stderr=subprocess.STDOUT, cwd=log.parent
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_ministack/health")
        yield
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(address: str) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            urlopen(address, timeout=2).close()
            return
        except (URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
