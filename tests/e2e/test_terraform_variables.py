"""What can be set in Terraform is what the functions take; all else is refused before anything is changed."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sluice import settings
from tests.packages import function_settings

ROOT = Path(__file__).parents[2] / "terraform"
# The lines of functions.tf that make text of variables.
SETTINGS = re.compile(r"^ +(SLUICE_\w+) += (.*\bvar\..*)$", re.MULTILINE)
BOUNDS = re.compile(r"^ +bounds += (.*)$", re.MULTILINE)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed"),
]


@pytest.fixture
def apply(tmp_path):
    """Applies the variables alone, which takes no provider; the environment of the functions, or what was wrong."""
    functions = (ROOT / "functions.tf").read_text(encoding="utf-8")
    given = ", ".join(f"{name} = {value}" for name, value in SETTINGS.findall(functions))
    outputs = f'output "environ" {{ value = merge({{ {given} }}, {BOUNDS.findall(functions)[0]}) }}'
    shutil.copy(ROOT / "variables.tf", tmp_path)
    (tmp_path / "outputs.tf").write_text(outputs)

    def terraform(*argv):
        environ = {"PATH": os.environ["PATH"], "CHECKPOINT_DISABLE": "1", "TF_INPUT": "0"}
        command = ["terraform", *argv]
        return subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60)

    def apply(**variables):
        (tmp_path / "terraform.tfvars.json").write_text(json.dumps(variables))
        done = terraform("apply", "-auto-approve", "-no-color")
        if done.returncode != 0:
            return done.stderr
        return json.loads(terraform("output", "-json").stdout)["environ"]["value"]

    return apply


LEAST = {"max_upload_bytes": 1, "upload_ttl_s": 60, "daily_minutes": 0, "cors_origins": []}
MOST = {
    "max_upload_bytes": 5 << 30,
    "upload_ttl_s": 21600,
    "daily_minutes": 1440,
    "cors_origins": ["http://localhost:65535", "https://www.example.org"],
    "keep_source": True,
    "tall_rungs": True,
    "log_level": "ERROR",
}
BOUNDED = ("uploads_at_once", "stored_minutes", "stored_bytes", "user_calls_per_minute")


@pytest.mark.parametrize(
    "variables",
    [{}, {**LEAST, "fair_use": dict.fromkeys(BOUNDED, 0)}, {**MOST, "fair_use": dict.fromkeys(BOUNDED, 10**15)}],
    ids=["usual", "least", "most"],
)
def test_what_terraform_takes_the_functions_take(apply, variables):
    environ = apply(**variables)

    assert isinstance(environ, dict), environ
    found = settings.load({**function_settings(), **environ})
    assert found.max_upload_bytes == variables.get("max_upload_bytes", settings.Settings().max_upload_bytes)
    assert list(found.cors_origins) == variables.get("cors_origins", [])
    assert found.tall_rungs == variables.get("tall_rungs", False)
    assert vars(found.fair_use).items() >= variables.get("fair_use", {}).items()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_upload_bytes", 1_000_000.5),
        ("max_upload_bytes", 0),
        ("upload_ttl_s", 90.5),
        ("daily_minutes", 90.5),
        ("daily_minutes", -1),
        ("fair_use", {"uploads_at_once": -1}),
        ("fair_use", {"stored_minutes": 0.5}),
        ("fair_use", {"stored_bytes": 10**15 + 1}),
        ("fair_use", {"uploads": 1}),
        ("cors_origins", ["*"]),
        ("cors_origins", ["www.example.org"]),
        ("cors_origins", ["https://www.example.org", "ftp://www.example.org"]),
        ("cors_origins", ["https://www.example.org/films"]),
        ("cors_origins", ["https://www.example.org,https://example.org"]),
        ("cors_origins", ["https://www.example.org:65536"]),
        ("cors_origins", ["https://www.example.org:0"]),
        ("cors_origins", [""]),
        ("failed_source_days", -1),
        ("failed_source_days", 1.5),
        ("api_requests_per_second", 0.4),
        ("log_level", "LOUD"),
    ],
)
def test_what_terraform_refuses_is_refused_before_anything_is_changed(apply, name, value):
    assert "Invalid value for variable" in apply(**{name: value})
