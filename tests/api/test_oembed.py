"""What other sites learn to embed a video."""

from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

ORIGIN = "https://sluice.example.org"


def asked(anybody: Any, url: str, more: str = "") -> Any:
    return anybody("GET", f"/api/oembed?url={quote(url, safe='')}{more}")


@pytest.mark.parametrize("page", ["/watch/?v=", "/watch?v=", "/embed/?v=", "/watch/?x=1&v="])
def test_a_video_is_described_for_embedding(anybody: Any, shelf: Any, page: str) -> None:
    video = shelf.done()

    answer = asked(anybody, f"{ORIGIN}{page}{video.id}")

    assert answer.status_code == 200
    assert answer.json == {
        "type": "video",
        "version": "1.0",
        "provider_name": "Sluice",
        "provider_url": f"{ORIGIN}/",
        "title": "A walk",
        "author_name": "Ann Example",
        "html": (
            f'<iframe src="{ORIGIN}/embed/?v={video.id}" width="640" height="360" title="A walk" style="border: 0" '
            'allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>'
        ),
        "width": 640,
        "height": 360,
        "thumbnail_url": f"{ORIGIN}/media/{video.id}/1/thumbnail.jpg",
        "thumbnail_width": 1280,
        "thumbnail_height": 720,
    }
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("bounds", "size"),
    [("&maxwidth=320", (320, 180)), ("&maxheight=90", (160, 90)), ("&maxwidth=1000&maxheight=90", (160, 90))],
)
def test_it_fits_the_room_there_is(anybody: Any, shelf: Any, bounds: str, size: tuple[int, int]) -> None:
    found = asked(anybody, f"{ORIGIN}/watch/?v={shelf.done().id}", bounds).json

    assert (found["width"], found["height"]) == size


def test_a_thumbnail_larger_than_the_room_is_left_out(anybody: Any, shelf: Any) -> None:
    found = asked(anybody, f"{ORIGIN}/watch/?v={shelf.done().id}", "&maxheight=719").json

    assert (found["thumbnail_url"], found["thumbnail_width"], found["thumbnail_height"]) == (None, None, None)


def test_a_thumbnail_that_just_fits_is_offered(anybody: Any, shelf: Any) -> None:
    found = asked(anybody, f"{ORIGIN}/watch/?v={shelf.done().id}", "&maxwidth=1280&maxheight=720").json

    assert (found["thumbnail_width"], found["thumbnail_height"]) == (1280, 720)


def test_a_title_stays_text(anybody: Any, shelf: Any) -> None:
    video = shelf.done(title='"><script>alert(1)</script>')

    html = asked(anybody, f"{ORIGIN}/watch/?v={video.id}").json["html"]

    assert 'title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in html


@pytest.mark.parametrize("kind", ["private", "draft", "ticket"])
def test_what_is_not_open_can_not_be_embedded(anybody: Any, shelf: Any, kind: str) -> None:
    assert asked(anybody, f"{ORIGIN}/watch/?v={getattr(shelf, kind)().id}").status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.org/watch/?v=",
        "http://sluice.example.org/watch/?v=",
        "https://sluice.example.org.evil.com/watch/?v=",
        "https://sluice.example.org/library/?v=",
        "https://[sluice/watch/?v=",
        "",
    ],
)
def test_other_addresses_are_not_ours(anybody: Any, shelf: Any, url: str) -> None:
    assert asked(anybody, f"{url}{shelf.done().id}").status_code == 404


def test_xml_tells_the_same(anybody: Any, shelf: Any) -> None:
    url = f"{ORIGIN}/watch/?v={shelf.done(title='A <b>walk</b> & more').id}"

    answer = asked(anybody, url, "&format=xml")

    told = {part.tag: part.text for part in ElementTree.fromstring(answer.data)}
    same = {name: str(value) for name, value in asked(anybody, url).json.items() if value is not None}
    assert (answer.status_code, answer.mimetype, told) == (200, "text/xml", same)
    assert b"<b>" not in answer.data


def test_there_is_no_third_format(anybody: Any, shelf: Any) -> None:
    answer = asked(anybody, f"{ORIGIN}/watch/?v={shelf.done().id}", "&format=yaml")

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "format")


@pytest.mark.parametrize(("query", "status"), [("", 422), (f"?url={ORIGIN}/watch/", 404), ("?url=x&format=yaml", 422)])
def test_a_refusal_can_be_read_from_anywhere_too(anybody: Any, query: str, status: int) -> None:
    answer = anybody("GET", f"/api/oembed{query}")

    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (status, "*")


def test_the_address_is_needed(anybody: Any) -> None:
    assert anybody("GET", "/api/oembed").status_code == 422
