"""An account of AWS on this machine: an emulator that holds every call against the caller's policies, MediaConvert,
which it lacks, and a box for every function."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

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

    def client(self, service: str, **keys: str) -> Any:
        """A client with the owner's keys, or others."""
        given = keys or {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        name = f"AWS_ENDPOINT_URL_{service.upper()}"
        address = self.environ.get(name, self.environ["AWS_ENDPOINT_URL"])
        return boto3.client(service, region_name=REGION, endpoint_url=address, **given)


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

    def client_of(self, role: str) -> Any:
        """Makes clients that may do what the role may."""

        def made(service: str) -> Any:
            keys = self._keys(f"arn:aws:iam::{ACCOUNT}:role/{role}")
            return self.client(
                service,
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys["SessionToken"],
            )

        return made

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
