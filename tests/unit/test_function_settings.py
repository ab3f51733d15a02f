"""What Terraform sets in the environment of the functions is what the settings ask for on AWS."""

import logging
import re
from pathlib import Path

import pytest

from sluice import settings
from sluice.wiring.aws import LISTING_S

FUNCTIONS = Path(__file__).parents[2] / "terraform" / "functions.tf"
# Those that are more than a text; what the others hold matters to AWS alone.
VALUES = {
    "SLUICE_BACKEND": "aws",
    "SLUICE_PUBLIC_URL": "https://d111111abcdef8.cloudfront.net",
    "SLUICE_ISSUER": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool",
    "SLUICE_CORS_ORIGINS": "https://www.example.org",
    "SLUICE_MAX_UPLOAD_BYTES": "100000000",
    "SLUICE_UPLOAD_TTL_S": "3600",
    "SLUICE_DAILY_MINUTES": "120",
    "SLUICE_KEEP_SOURCE": "1",
    "SLUICE_TALL_RUNGS": "1",
    "SLUICE_LOG_LEVEL": "INFO",
}


@pytest.fixture
def environ() -> dict[str, str]:
    names = set(re.findall(r"\bSLUICE_[A-Z_]+", FUNCTIONS.read_text(encoding="utf-8")))
    assert set(VALUES) <= names
    return {name: VALUES.get(name, "given") for name in names}


def test_the_functions_have_all_settings_that_they_need(environ: dict[str, str]) -> None:
    cloud = settings.load(environ).cloud

    assert cloud is not None
    assert "" not in vars(cloud).values()


def test_the_functions_have_no_setting_that_nobody_reads(
    environ: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        settings.load(environ)

    assert caplog.messages == []


def test_a_look_into_an_upload_ends_well_before_its_function() -> None:
    found = re.search(r"^ *sources = .* timeout = (\d+)", FUNCTIONS.read_text(encoding="utf-8"), re.MULTILINE)

    assert found is not None
    # The list is still to be read then, the encode to be ordered, and AWS may have to be asked again.
    assert int(found[1]) - LISTING_S >= 90
