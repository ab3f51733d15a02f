"""Transport streams: what they carry is named, and torn ones never pass."""

from pathlib import Path

import pytest

from sluice import transport

FOLDER = Path(__file__).parents[1] / "data"
PICTURE = (FOLDER / "picture.ts").read_bytes()
SOUND = (FOLDER / "sound.ts").read_bytes()


def packets(segment):
    return [segment[at : at + 188] for at in range(0, len(segment), 188)]


def pid_of(packet):
    return (packet[1] & 0x1F) << 8 | packet[2]


def without(segment, pid):
    return b"".join(packet for packet in packets(segment) if pid_of(packet) != pid)


def test_the_codec_of_a_picture_is_named_with_profile_and_level():
    assert transport.codec(PICTURE) == "avc1.64001f"


def test_the_codec_of_sound_is_named_with_its_object_type():
    assert transport.codec(SOUND) == "mp4a.40.2"


@pytest.mark.parametrize("cut", [0, 100, 188, 400, -1])
def test_a_torn_stream_is_a_value_error(cut):
    with pytest.raises(ValueError, match=r"transport|picture"):
        transport.codec(PICTURE[:cut])


@pytest.mark.parametrize("pid", [0, 0x1000, 0x100])
def test_a_stream_that_lacks_a_table_or_its_track_is_a_value_error(pid):
    with pytest.raises(ValueError, match=r"transport|picture"):
        transport.codec(without(PICTURE, pid))


def test_a_packet_out_of_step_is_a_value_error():
    with pytest.raises(ValueError, match="mark"):
        transport.codec(PICTURE[:188] + b"\0" + PICTURE[189:])


def test_what_is_no_transport_stream_is_a_value_error():
    with pytest.raises(ValueError, match="transport"):
        transport.codec((FOLDER / "init_video.mp4").read_bytes())


def test_an_unexpected_track_is_a_value_error():
    hevc = PICTURE.replace(b"\x1b\xe1\x00", b"\x24\xe1\x00")
    with pytest.raises(ValueError, match="no picture or sound"):
        transport.codec(hevc)
