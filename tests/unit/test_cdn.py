"""What the distribution on AWS may keep of the answers that come through it."""

import json
import re
from pathlib import Path

CDN = (Path(__file__).parents[2] / "terraform" / "cdn.tf").read_text(encoding="utf-8")
# CloudFront keeps these for ten seconds unless told otherwise, and of them believes no Cache-Control.
KEPT_BY_ITSELF = {500, 502, 503, 504}


def test_an_error_that_one_user_got_is_not_given_to_the_next() -> None:
    found = re.search(r'"custom_error_response" \{\s+for_each = (\[.*\])\s+content \{([^}]*)\}', CDN)
    assert found is not None

    assert set(json.loads(found[1])) == KEPT_BY_ITSELF
    assert re.search(r"error_caching_min_ttl = 0$", found[2], re.MULTILINE)
    assert "page" not in found[2]
