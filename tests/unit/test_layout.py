"""Object keys: built and parsed back in one place."""

import pytest

from sluice import layout
from tests.making import an_id

ID = an_id(1)


def test_a_media_key_is_parsed_back_into_its_parts():
    key = layout.media_key(ID, 2, "720/00001.m4s")
    assert layout.parse_media(key.removeprefix("media/")) == layout.MediaKey(ID, 2, "720/00001.m4s")


@pytest.mark.parametrize(
    "path",
    [
        "",
        ID,
        f"{ID}/1",
        f"{ID}/1/",
        f"{ID}/0/master.m3u8",
        f"{ID}/01/master.m3u8",
        f"{ID}/1/../2/master.m3u8",
        f"{ID}/1/a/../../b",
        f"{ID}/1/.hidden",
        f"{ID}/1/a//b",
        f"{ID}/1/a\\b",
        f"{ID}/1/a\0b",
        f"{ID}/1/a\n",
        f"{ID.lower()}/1/master.m3u8",
        f"x{ID}/1/master.m3u8",
    ],
)
def test_nothing_else_is_a_media_key(path):
    assert layout.parse_media(path) is None


def test_ids_are_upper_case_ulids():
    assert layout.is_id(ID)
    assert not layout.is_id(ID.lower())
    assert not layout.is_id(ID + "\n")
    assert not layout.is_id("8" + ID[1:])
