"""The functions at CloudFront's edge, run by node: they do what the local server does."""

from datetime import timedelta
from pathlib import Path

import pytest

from sluice.adapters.links import SignedLinks
from tests.e2e.edge import EDGE, HOST, NOW, EdgeFunction

pytestmark = pytest.mark.e2e

VIDEO = "01JD0000000000000000000001"
OTHER = "01JD0000000000000000000002"
CSP = "default-src 'none'; frame-ancestors 'none'"
FRAMED = "default-src 'none'; frame-ancestors *"

ADDRESSES = ["/index.html", "/watch/index.html", "/watch/index.txt", "/icon.svg", "/config.json"]
SITE = EdgeFunction("site_request", {"__ADDRESSES__": ADDRESSES, "__NOT_FOUND__": "/404.html"})
PAGES = EdgeFunction("site_response")
MEDIA_ANSWERS = EdgeFunction("media_response")


LINKS = SignedLinks(b"the key", lambda: NOW, open_ones_too=True)


@pytest.fixture
def media() -> EdgeFunction:
    return EdgeFunction("media_request", {"__KEY__": "the key"})


@pytest.fixture
def base() -> str:
    """Where the API says that a private video's media is."""
    return LINKS.media_base(VIDEO, open=False)


# --- media ------------------------------------------------------------------------------------------------------------


def test_a_pass_of_the_api_leads_to_the_object(media: EdgeFunction, base: str) -> None:
    assert media.request(f"{base}1/720/index.m3u8")["uri"] == f"/media/{VIDEO}/1/720/index.m3u8"


def test_a_pass_of_an_open_video_is_valid_for_a_day_at_least(media: EdgeFunction) -> None:
    base = LINKS.media_base(VIDEO, open=True)

    answer = media.request(f"{base}1/master.m3u8", now=NOW + timedelta(hours=24))
    assert answer["uri"] == f"/media/{VIDEO}/1/master.m3u8"


def test_all_passes_lead_to_one_address_so_that_the_cache_is_shared(media: EdgeFunction, base: str) -> None:
    other = LINKS.media_base(VIDEO, open=True)

    assert other != base
    assert media.request(f"{other}1/720/1.ts")["uri"] == media.request(f"{base}1/720/1.ts")["uri"]


def test_an_expired_pass_leads_nowhere(media: EdgeFunction, base: str) -> None:
    assert media.request(f"{base}1/master.m3u8", now=NOW + timedelta(hours=8))["statusCode"] == 404


def test_a_pass_of_another_video_leads_nowhere(media: EdgeFunction, base: str) -> None:
    assert media.request(f"{base.replace(VIDEO, OTHER)}1/master.m3u8")["statusCode"] == 404


def test_a_pass_whose_expiry_was_changed_leads_nowhere(media: EdgeFunction, base: str) -> None:
    expires = base.removeprefix("/media/~").partition("-")[0]

    assert media.request(f"{base.replace(expires, str(int(expires) + 1))}1/master.m3u8")["statusCode"] == 404


def test_a_pass_signed_with_another_key_leads_nowhere(base: str) -> None:
    stranger = EdgeFunction("media_request", {"__KEY__": "another key"})

    assert stranger.request(f"{base}1/master.m3u8")["statusCode"] == 404


@pytest.mark.parametrize(
    "address",
    [
        f"/media/{VIDEO}/1/master.m3u8",
        f"/media/~/{VIDEO}/1/master.m3u8",
        f"/media/~1-abc/{VIDEO}/1/master.m3u8",
        "/media/",
        "/media/?list-type=2",
    ],
)
def test_no_pass_leads_nowhere(media: EdgeFunction, address: str) -> None:
    assert media.request(address)["statusCode"] == 404


@pytest.mark.parametrize("path", ["", "1/", "0/master.m3u8", "1/../2/master.m3u8", "1//master.m3u8", "1/%2e%2e/x"])
def test_a_pass_leads_to_nothing_but_objects_of_an_attempt(media: EdgeFunction, base: str, path: str) -> None:
    assert media.request(base + path)["statusCode"] == 404


def test_a_refusal_is_readable_everywhere_and_kept_by_nobody(media: EdgeFunction) -> None:
    headers = media.request("/media/x")["headers"]

    assert headers["access-control-allow-origin"] == {"value": "*"}
    assert headers["cache-control"] == {"value": "no-store"}


def test_a_preflight_of_another_site_s_player_is_answered(media: EdgeFunction, base: str) -> None:
    answer = media.request(f"{base}1/720/1.ts", method="OPTIONS")

    assert answer["statusCode"] == 204
    assert answer["headers"]["access-control-allow-origin"] == {"value": "*"}
    assert "Range" in answer["headers"]["access-control-allow-headers"]["value"]


@pytest.mark.parametrize(
    ("name", "kept"), [("master.m3u8", "private, max-age=60"), ("720/1.ts", "private, max-age=86400, immutable")]
)
def test_browsers_are_told_how_long_to_keep_media(name: str, kept: str) -> None:
    answer = MEDIA_ANSWERS.response(f"/media/{VIDEO}/1/{name}", {"etag": '"1"'})

    assert answer["headers"]["cache-control"] == {"value": kept}


# --- the site ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/", "/index.html"),
        ("/watch/", "/watch/index.html"),
        ("/watch/index.txt", "/watch/index.txt"),
        ("/config.json", "/config.json"),
        ("/_next/static/chunks/a1b2.js", "/_next/static/chunks/a1b2.js"),
    ],
)
def test_an_address_is_answered_by_its_file(address: str, file: str) -> None:
    assert SITE.request(address)["uri"] == file


@pytest.mark.parametrize(
    "address", ["/nothing", "/nothing/", "/404.html", "/csp.json", "/watch/nothing/", "/nothing.ico"]
)
def test_an_unknown_address_is_answered_by_the_page_for_that(address: str) -> None:
    assert SITE.request(address)["uri"] == "/404.html"


def test_the_page_for_unknown_addresses_is_answered_with_404() -> None:
    answer = PAGES.response("/404.html", {"x-amz-meta-status": "404", "x-amz-meta-csp": CSP, "etag": '"1"'})

    assert answer["statusCode"] == 404
    assert answer["headers"]["content-security-policy"] == {"value": CSP}
    assert "etag" not in answer["headers"]


@pytest.mark.parametrize(
    ("address", "location"),
    [
        ("/watch", "/watch/"),
        (f"/watch?v={VIDEO}", f"/watch/?v={VIDEO}"),
        ("/watch?a=1&a=2%203&b", "/watch/?a=1&a=2%203&b"),
    ],
)
def test_a_page_without_its_slash_is_somewhere_else(address: str, location: str) -> None:
    answer = SITE.request(address)

    assert (answer["statusCode"], answer["headers"]["location"]["value"]) == (308, location)


def test_no_address_leads_to_another_host() -> None:
    assert SITE.request("//evil.example.org/watch")["uri"] == "/404.html"


def test_a_page_has_the_policy_that_came_with_it() -> None:
    headers = PAGES.response("/upload/", {"x-amz-meta-csp": CSP})["headers"]

    assert headers["content-security-policy"] == {"value": CSP}
    assert headers["x-frame-options"] == {"value": "DENY"}
    assert "x-amz-meta-csp" not in headers


def test_a_page_that_may_be_framed_is_not_kept_from_it() -> None:
    headers = PAGES.response("/embed/", {"x-amz-meta-csp": FRAMED})["headers"]

    assert headers["content-security-policy"] == {"value": FRAMED}
    assert "x-frame-options" not in headers


def test_a_file_without_a_policy_stays_as_it_is() -> None:
    answer = PAGES.response("/icon.svg", {"etag": '"1"'})

    assert answer == {"statusCode": 200, "headers": {"etag": {"value": '"1"'}}}


def test_a_video_s_page_says_where_its_oembed_answer_is() -> None:
    link = PAGES.response(f"/watch/?v={VIDEO.lower()}", {"x-amz-meta-csp": CSP})["headers"]["link"]["value"]

    where = f"https://{HOST}/api/oembed?url=https%3A%2F%2F{HOST}%2Fwatch%2F%3Fv%3D{VIDEO}&format=json"
    assert link == f'<{where}>; rel="alternate"; type="application/json+oembed"'


@pytest.mark.parametrize("address", ["/watch/", "/watch/?v=%22%3E", "/watch/?v=../x", f"/upload/?v={VIDEO}"])
def test_other_pages_name_no_oembed_answer(address: str) -> None:
    assert "link" not in PAGES.response(address, {"x-amz-meta-csp": CSP})["headers"]


@pytest.mark.parametrize("file", sorted(EDGE.glob("*.js")), ids=lambda file: file.stem)
def test_every_function_leaves_room_for_its_values(file: Path) -> None:
    assert len(file.read_bytes()) < 5_000
