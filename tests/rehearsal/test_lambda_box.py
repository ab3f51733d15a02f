"""The box itself: what it gives a function, and what it does when one fails."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.rehearsal.lambda_box import Function, FunctionError, LambdaBox, unpack

pytestmark = pytest.mark.e2e

CODE = """
import os, subprocess, sys

def echo(event, context):
    print("seen", event)
    return {"event": event, "id": context.aws_request_id, "left": context.get_remaining_time_in_millis()}

def surroundings(event, context):
    return {"environ": dict(os.environ), "path": sys.path, "arn": context.invoked_function_arn}

def can_import(event, context):
    found = []
    for name in event:
        try:
            __import__(name)
            found.append(name)
        except ImportError:
            pass
    return found

def fail(event, context):
    raise ValueError("no")

def hang(event, context):
    while True:
        pass

def die(event, context):
    os._exit(3)

def eat(event, context):
    return len(bytearray(event))

def odd(event, context):
    return object()

def run(event, context):
    return subprocess.run(event, capture_output=True, text=True).stdout
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """A little package of functions that show what there is."""
    folder = tmp_path_factory.mktemp("little")
    with zipfile.ZipFile(folder / "backend.zip", "w") as backend:
        backend.writestr("shows.py", CODE)
    with zipfile.ZipFile(folder / "ffprobe-layer.zip", "w") as layer:
        program = zipfile.ZipInfo("bin/ffprobe")
        program.external_attr = 0o100755 << 16
        layer.writestr(program, "#!/bin/sh\necho $0\n")
    return unpack(folder, folder)


@pytest.fixture
def box(unpacked, tmp_path):
    """Makes boxes that are closed with the test."""
    made = []

    def box(name, **wanted):
        environ = {"SLUICE_FFPROBE": "/opt/bin/ffprobe"}
        function = Function(f"rehearsal-{name}", f"shows.{name}", environ, **wanted)
        made.append(LambdaBox(unpacked, function, tmp_path / "log", AWS_ENDPOINT_URL="http://127.0.0.1:1"))
        return made[-1]

    yield box
    for one in made:
        one.close()


def test_an_event_is_answered_and_its_prints_are_logged(box):
    echo = box("echo", timeout_s=5)

    answer = echo.invoke({"a": 1}, "r-1")

    assert 0 < answer.pop("left") <= 5000
    assert answer == {"event": {"a": 1}, "id": "r-1"}
    assert echo.lines()[-1] == "seen {'a': 1}"


def test_the_function_has_its_settings_and_lambdas_variables_and_nothing_of_ours(box, monkeypatch):
    monkeypatch.setenv("SLUICE_DATA", "/home/somebody")
    shown = box("surroundings", memory_mb=256, layer=True).invoke({})

    assert {name for name in shown["environ"] if name.startswith("SLUICE_")} == {"SLUICE_FFPROBE"}
    assert shown["environ"]["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert "HOME" not in shown["environ"]
    assert shown["arn"].endswith(":function:rehearsal-surroundings")


def test_boto3_is_there_and_what_the_checkout_has_is_not(box, unpacked):
    asked = ["boto3", "urllib3", "dateutil", "six", "flask", "sluice", "pytest", "moto", "pip"]

    assert box("can_import").invoke(asked) == ["boto3", "urllib3", "dateutil", "six"]
    assert all(not path.name.startswith("pip") for path in unpacked.given.iterdir())


def test_settings_point_to_the_layer_and_the_log_says_so(box, unpacked):
    one = box("run", layer=True)
    ffprobe = one.environ()["SLUICE_FFPROBE"]

    assert one.invoke([ffprobe]).strip() == str(unpacked.opt / "bin" / "ffprobe")
    assert f"/opt is {unpacked.opt}" in one.lines()[0]


def test_this_machines_programs_are_not_there(box):
    with pytest.raises(FunctionError) as error:
        box("run").invoke(["ffmpeg", "-version"])
    assert error.value.kind == "FileNotFoundError"


def test_a_failure_is_told_and_the_copy_lives_on(box):
    one = box("fail")
    with pytest.raises(FunctionError, match="no") as first:
        one.invoke({})
    process = one._process
    with pytest.raises(FunctionError):
        one.invoke({})

    assert first.value.kind == "ValueError"
    assert first.value.trace[-1] == "ValueError: no"
    assert one._process is process


@pytest.mark.parametrize(
    ("name", "kind"), [("hang", "Sandbox.Timedout"), ("die", "Runtime.ExitError"), ("odd", "TypeError")]
)
def test_one_that_hangs_dies_or_answers_no_json_is_told(box, name, kind):
    with pytest.raises(FunctionError) as error:
        box(name, timeout_s=2).invoke({})
    assert error.value.kind == kind


def test_after_its_death_a_new_copy_answers(box):
    one = box("eat")
    process = one.invoke(10) and one._process
    process.kill()
    process.wait()
    with pytest.raises(FunctionError):
        one.invoke(10)

    assert one.invoke(10) == 10


def test_memory_is_limited(box):
    assert box("eat", memory_mb=128).invoke(32 << 20) == 32 << 20
    with pytest.raises(FunctionError) as error:
        box("eat", memory_mb=128).invoke(200 << 20)
    assert error.value.kind == "MemoryError"


@pytest.mark.parametrize(
    ("handler", "kind"), [("shows.nothing", "Runtime.HandlerNotFound"), ("nowhere.echo", "Runtime.ImportModuleError")]
)
def test_a_handler_that_is_not_there_is_told(unpacked, tmp_path, handler, kind):
    with (
        LambdaBox(unpacked, Function("rehearsal-x", handler, {}), tmp_path / "log") as one,
        pytest.raises(FunctionError) as error,
    ):
        one.invoke({})
    assert error.value.kind == kind


def test_lambdas_own_description_says_how_to_run_it():
    told = {
        "FunctionName": "a-sources",
        "Handler": "a.b",
        "MemorySize": 1024,
        "Timeout": 120,
        "Layers": [{"Arn": "arn"}],
    }
    told["Environment"] = {"Variables": {"SLUICE_BACKEND": "aws"}}

    assert Function.configured(json.loads(json.dumps(told))) == Function(
        "a-sources", "a.b", {"SLUICE_BACKEND": "aws"}, memory_mb=1024, timeout_s=120, layer=True
    )


def test_the_runtime_is_a_script_that_imports_nothing_of_the_checkout():
    runtime = (Path(__file__).parent / "lambda_runtime.py").read_text()

    assert "sluice" not in runtime
    assert "from tests" not in runtime
