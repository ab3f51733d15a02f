"""What of the locked packages goes into the functions."""

import re
from collections.abc import Set
from pathlib import Path

# Lambda's runtime brings boto3 along; its newest one is not needed.
GIVEN = frozenset({"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"})
# The web server of the local home.
LOCAL = frozenset({"gunicorn"})
# What the files of Swagger UI come with in Python, which nothing imports.
UNUSED = frozenset({"flask-openapi3", "pydantic", "pydantic-core", "annotated-types", "typing-inspection"})
# Zappa, and the one package besides that its requests are made with.
ZAPPA = frozenset({"zappa", "durationpy"})

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==")


def for_lambda(root: Path) -> str:
    """The requirements of the functions, with their hashes: those of the project and of Zappa's requests."""
    project = [pin for name, pin in _pins(root / "requirements.lock").items() if name not in GIVEN | LOCAL | UNUSED]
    return "".join(project + _only(root / "requirements-package.lock", ZAPPA))


def _only(lock: Path, names: Set[str]) -> list[str]:
    found = _pins(lock)
    return [found[name] for name in sorted(names)]


def _pins(lock: Path) -> dict[str, str]:
    """Each package of the lock file and its lines there."""
    starts = re.split(r"^(?=[A-Za-z0-9])", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {found[1]: text for text in starts if (found := _PIN.match(text))}
