"""What H.264 in segments says of itself: whether each can be decoded after the init segment, and by whom."""

import struct

import pytest

from sluice.adapters.local.avc import Head

SEQUENCE, PICTURE = b"\x67\x64\x00\x1f", b"\x68\xeb"
KEY, LATER, MESSAGE = b"\x65\x88", b"\x41\x9a", b"\x06\x05"


def box(kind, payload=b""):
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def init(level=31, length_bytes=4, pictures=(PICTURE,)):
    """An init segment with one sequence parameter set and these picture parameter sets."""
    sets = [struct.pack(">H", len(one)) + one for one in (SEQUENCE, *pictures)]
    head = bytes((1, 100, 0, level, 0xFC | length_bytes - 1, 0xE1))
    avcc = box(b"avcC", head + sets[0] + bytes((len(pictures),)) + b"".join(sets[1:]))
    boxes = box(b"stsd", bytes(8) + box(b"avc1", bytes(78) + avcc))
    for kind in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        boxes = box(kind, boxes)
    return boxes


def segment(*units, length_bytes=4):
    samples = b"".join(len(unit).to_bytes(length_bytes, "big") + unit for unit in units)
    return box(b"styp") + box(b"moof") + box(b"mdat", samples)


def test_a_segment_that_begins_with_a_key_picture_can_be_decoded():
    assert Head.read(init()).trouble(segment(MESSAGE, KEY, KEY, LATER, LATER)) is None


def test_the_same_parameters_once_more_are_no_trouble():
    head = Head.read(init(pictures=(PICTURE, b"\x68\xec")))
    assert head.trouble(segment(SEQUENCE, PICTURE, KEY, b"\x68\xec", LATER)) is None


def test_lengths_may_have_fewer_bytes():
    assert Head.read(init(length_bytes=2)).trouble(segment(KEY, LATER, length_bytes=2)) is None


@pytest.mark.parametrize(
    ("units", "trouble"),
    [
        ((LATER, KEY), "does not begin with a picture that all decoding can begin with"),
        ((MESSAGE,), "has no picture"),
        ((KEY, b"\x68\xff", LATER), "is coded with other parameters than the beginning of the film"),
        ((b"\x67\x64\x00\x28", PICTURE, KEY), "is coded with other parameters than the beginning of the film"),
    ],
)
def test_any_other_can_not(units, trouble):
    assert Head.read(init()).trouble(segment(*units)) == trouble


def test_what_is_cut_off_is_no_segment():
    with pytest.raises(ValueError, match="beyond the end"):
        Head.read(init()).trouble(box(b"mdat", struct.pack(">I", 9) + KEY))


def test_what_is_no_h264_has_no_such_head():
    with pytest.raises(ValueError, match="no avcC box"):
        Head.read(init().replace(b"avcC", b"hvcC"))


@pytest.mark.parametrize(
    ("own", "usual", "anywhere"), [(31, "3_1", True), (42, "3", True), (50, "4_2", False), (51, "5_1", True)]
)
def test_decoders_of_a_common_level_are_asked_for_no_more(own, usual, anywhere):
    assert Head.read(init(own)).decodes_anywhere(usual) is anywhere
