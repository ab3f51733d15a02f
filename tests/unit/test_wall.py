"""The wall around the core: what it may import, and what it may not read."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packages import function_settings

PACKAGE = Path(__file__).parents[2] / "backend" / "sluice"
CORE = sorted(path for path in PACKAGE.glob("*.py") if path.name not in ("__init__.py", "__main__.py"))
OUTSIDE = {"boto3", "botocore", "flask", "flask_cors", "sqlite3", "gunicorn", "ffmpeg", "subprocess"}
# The identity, the storage endpoint and the media routes are this machine's; AWS has its own.
HOMES = {"adapters", "entry", "identity", "upkeep", "vitals", "wiring"}
LOCAL_ROUTES = {"storage.py", "post_policy.py", "s3_refusals.py", "downloads.py", "media.py"}
INNER = {"adapters", "api", "client", "identity", "entry", "upkeep", "vitals", "wiring"}


def imports_of(path):
    """The modules a file names, those of this package as `.name`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield from ([f".{node.module.split('.')[0]}"] if node.module else [f".{a.name}" for a in node.names])
        elif isinstance(node, ast.ImportFrom):
            first, *rest = node.module.split(".")
            yield f".{rest[0]}" if first == "sluice" and rest else first


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_the_core_depends_on_nothing_outside(path):
    named = set(imports_of(path))
    assert not named & OUTSIDE
    assert not named & {f".{name}" for name in INNER}


@pytest.mark.parametrize("path", [path for path in CORE if path.name != "settings.py"], ids=lambda path: path.stem)
def test_the_core_reads_no_environment(path):
    assert "environ" not in path.read_text()
    assert "getenv" not in path.read_text()


def test_only_what_is_local_itself_knows_the_local_adapters():
    users = [
        path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if {".adapters", ".wiring"} & set(imports_of(path))
    ]
    assert [path for path in users if path.parts[0] not in HOMES and path.name not in LOCAL_ROUTES] == []


def test_upkeep_knows_no_command():
    """Commands are made of it, and the supervisor asks it; it asks neither."""
    users = [path.name for path in (PACKAGE / "upkeep").glob("*.py") if ".entry" in set(imports_of(path))]
    assert users == []


def test_only_the_layout_says_what_an_id_looks_like():
    """The client, which stands apart, says it for itself."""
    users = {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if "HJKMNP" in path.read_text()}
    assert users == {"layout.py", "client/command_line.py"}


def test_boto3_is_imported_only_where_it_is_used():
    at_import = [path for path in PACKAGE.rglob("*.py") if "boto3" in set(top_level_imports(path))]
    assert at_import == []


def test_the_api_answers_without_what_describes_it():
    """Every start of a function would pay for it, and hardly any is asked for the description."""
    describing = {".document", ".json_schema"}
    users = [path.name for path in (PACKAGE / "api").glob("*.py") if describing & set(top_level_imports(path))]
    assert users == ["document.py"]


BESIDE_THE_CLIENT = {"sluice.interruption", "sluice.srp"}


def test_the_client_stands_apart():
    """No server loads it; all that it takes of the server is the arithmetic of a sign-in, and how commands end."""
    others = [path for path in PACKAGE.rglob("*.py") if ".client" in set(imports_of(path))]
    needed = {
        name
        for path in (PACKAGE / "client").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.level > 1 or (node.module or "").startswith("sluice"))
        for name in [node.module]
    }
    assert (others, needed) == ([], BESIDE_THE_CLIENT)


def test_the_client_loads_nothing_of_a_server():
    mine = {f"sluice.client.{path.stem}" for path in (PACKAGE / "client").glob("*.py")} - {"sluice.client.__init__"}
    loaded = modules_after(f"import {', '.join(mine | BESIDE_THE_CLIENT)}")
    ours = {name for name in loaded if name.startswith("sluice.") and not name.startswith("sluice.client")}
    assert (ours, loaded & {"sqlite3", "jwt", "cryptography"}) == (BESIDE_THE_CLIENT, set())


def top_level_imports(path):
    """What importing the file imports at once."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield "." * node.level + node.module.split(".")[0]


def modules_after(code, **environ):
    """What a fresh Python has imported after running this."""
    run = [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"]
    return set(subprocess.run(run, env=environ, capture_output=True, text=True, check=True).stdout.split())


def has_the_library_s_dataclass(name):
    """Whether this is a module of ours whose classes take longer to make than those of `records`."""
    path = (PACKAGE.parent / name.replace(".", "/")).with_suffix(".py")
    if name.partition(".")[0] != PACKAGE.name or name == "sluice.records" or not path.is_file():
        return False
    return "from dataclasses import dataclass" in path.read_text()


OF_THIS_MACHINE = {"sqlite3", "gunicorn", "sluice.identity", "sluice.adapters.local", "sluice.wiring.local"}
OF_THE_API = {"flask", "werkzeug", "jinja2", "jwt", "cryptography", "sluice.api", "sluice.tokens"}
OF_ENCODES = {"sluice.playlists", "sluice.quote", "sluice.prices", "sluice.adapters.aws.mediaconvert_order"}
OF_THE_PROBE = {"ffmpeg", "sluice.adapters.ffprobe", "sluice.adapters.child"}
# What packages would bring along, and what describes the API to those who ask.
NEEDLESS = {"asyncio", "pydantic", "flask_cors", "flask_openapi3", "sluice.api.document", "sluice.client"}


@pytest.mark.parametrize(
    ("wired", "unwanted"),
    [
        ("sluice.entry.lambda_api as api; api._web()", OF_THIS_MACHINE | OF_ENCODES | OF_THE_PROBE | NEEDLESS),
        ("sluice.entry.lambdas as lanes; lanes._home()", OF_THIS_MACHINE | OF_THE_API | OF_THE_PROBE | NEEDLESS),
    ],
    ids=["api", "lanes and sweep"],
)
def test_a_function_starts_with_nothing_that_it_does_not_need(wired, unwanted):
    imported = modules_after(f"import {wired}", **function_settings())

    assert imported & (unwanted | {"boto3"}) == set()
    assert {name for name in imported if has_the_library_s_dataclass(name)} == set()


def test_a_web_process_loads_nothing_of_what_runs_its_orders():
    imported = modules_after("import sluice.wiring.local, sluice.vitals.routes, sluice.vitals.operations")
    assert not imported & {f"sluice.adapters.local.{name}" for name in ("encoder", "job", "chunked", "single", "pool")}


def test_this_machine_imports_nothing_of_aws():
    imported = modules_after("import sluice.wiring.local")
    assert not imported & {"boto3", "sluice.adapters.aws"}
