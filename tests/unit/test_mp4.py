"""What an MP4's index says about jumping into its middle."""

import struct

import pytest

from sluice.adapters.local.mp4 import changes_midway, unseekable


def box(kind, payload=b""):
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def track(edits):
    return box(b"trak", box(b"edts", box(b"elst", bytes(4) + struct.pack(">I", edits) + bytes(12 * edits))))


@pytest.fixture
def reason(tmp_path):
    def look(content):
        file = tmp_path / "film"
        file.write_bytes(content)
        return unseekable(file)

    return look


HEAD = box(b"ftyp", b"isom")


@pytest.mark.parametrize("edits", [0, 1, 2])
def test_a_plain_film_can_be_entered(reason, edits):
    assert reason(HEAD + box(b"mdat", b"1234") + box(b"moov", track(edits))) is None


def test_a_film_in_fragments_can_not(reason):
    assert reason(HEAD + box(b"moov", track(1) + box(b"mvex", b"1234"))) == "it is a fragmented MP4"


def test_a_film_that_leaves_parts_out_can_not(reason):
    assert reason(HEAD + box(b"moov", track(1) + track(5))) == "its edit list leaves parts out"


def test_the_index_is_found_behind_a_large_body(reason):
    body = struct.pack(">I4sQ", 1, b"mdat", 16 + 100) + bytes(100)
    assert reason(HEAD + body + box(b"moov", track(9))) == "its edit list leaves parts out"


@pytest.mark.parametrize("rest", [b"", box(b"mdat"), struct.pack(">I4s", 0, b"mdat"), box(b"moov", b"12345678")[:-1]])
def test_without_an_index_it_can_not(reason, rest):
    assert reason(HEAD + rest) == "its index can't be read"


def test_other_containers_are_none_of_its_business(reason):
    assert reason(b"\x1a\x45\xdf\xa3 and so on") is None


def described(times):
    table = box(b"stsd", bytes(4) + struct.pack(">I", times) + box(b"avc1") * times)
    return box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", table))))


@pytest.mark.parametrize(
    ("index", "changes"),
    [
        (box(b"moov", described(1) + described(1)), False),
        (box(b"moov", described(1) + described(2)), True),
        (box(b"moov", box(b"trak")), False),
        (b"", True),
    ],
)
def test_a_film_joined_of_several_is_known_by_its_index(tmp_path, index, changes):
    (tmp_path / "film").write_bytes(HEAD + index)
    assert changes_midway(tmp_path / "film") is changes
