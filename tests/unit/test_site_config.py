"""What Terraform writes as /config.json is what the API of the other home answers."""

import json
from pathlib import Path
from string import Template

from sluice.api.schemas import SiteConfig
from sluice.api.wire import members, read

TEMPLATE = Path(__file__).parents[2] / "terraform" / "config.json.tftpl"
VALUES = {
    "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool",
    "region": "eu-west-1",
    "pool_id": "eu-west-1_Pool",
    "client_id": "client",
    "public_url": "https://d111111abcdef8.cloudfront.net",
    "max_upload_bytes": 100_000_000,
}


def test_the_site_finds_the_same_configuration_in_both_homes() -> None:
    written = json.loads(Template(TEMPLATE.read_text(encoding="utf-8")).substitute(VALUES))

    config = read(SiteConfig, written)
    assert written == members(config)
    assert (config.backend, config.user_pool_id, config.api_url) == ("aws", "eu-west-1_Pool", "/api")
