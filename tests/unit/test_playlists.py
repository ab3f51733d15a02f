"""Playlists as text, and the verdict on what an encoder left."""

from dataclasses import replace
from pathlib import Path

import pytest

from sluice import playlists
from sluice.errors import NotFound, Unplayable
from sluice.playlists import MediaPlaylist, Segment
from tests.making import FACTS

INITS = Path(__file__).parents[1] / "data"
TWO = (Segment("00000.m4s", 4.0), Segment("00001.m4s", 4.0))
WHOLE = MediaPlaylist(4, "init.mp4", TWO, ended=True)


class Output:
    """What an encoder left: files by their path, and how large they are."""

    def __init__(self):
        self.files = {}
        for folder, kind, size in (("360", "video", 100_000), ("240", "video", 50_000), ("audio", "audio", 64_000)):
            self.playlist(folder, WHOLE)
            self.files[f"{folder}/init.mp4"] = (INITS / f"init_{kind}.mp4").read_bytes()
            self.files |= {f"{folder}/0000{number}.m4s": b"x" * size for number in (0, 1)}

    def playlist(self, folder, playlist):
        self.files[f"{folder}/index.m3u8"] = playlists.write(playlist).encode()

    def measure(self, facts=FACTS):
        return playlists.measure(facts, self._read, {path: len(body) for path, body in self.files.items()})

    def _read(self, path):
        if path not in self.files:
            raise NotFound(path)
        return self.files[path]


@pytest.fixture
def output():
    return Output()


def refusal(output):
    with pytest.raises(Unplayable) as caught:
        output.measure()
    assert caught.value.code == "output_incomplete"
    return caught.value.detail


# --- media playlists --------------------------------------------------------------------------------------------


def test_a_growing_playlist_is_an_event_without_an_end():
    assert playlists.write(MediaPlaylist(4, "init.mp4", TWO[:1])).splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:4",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:EVENT",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-MAP:URI="init.mp4"',
        "#EXTINF:4.000000,",
        "00000.m4s",
    ]


def test_a_finished_playlist_is_vod_and_ends():
    text = playlists.write(WHOLE)
    assert "#EXT-X-PLAYLIST-TYPE:VOD\n" in text
    assert text.endswith("00001.m4s\n#EXT-X-ENDLIST\n")


def test_what_was_written_reads_back_the_same():
    assert playlists.parse(playlists.write(WHOLE)) == WHOLE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#EXTM3U\n",
        "00000.m4s\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4.0,\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:4\n00000.m4s\n",
    ],
)
def test_a_torn_playlist_is_no_playlist(text):
    with pytest.raises(ValueError, match=r"playlist|segment|duration"):
        playlists.parse(text)


@pytest.mark.parametrize(("segment_s", "target"), [(4.0, 4), (4.004, 4), (6.667, 7), (3.46, 3), (3.48, 4), (0.04, 1)])
def test_the_target_holds_for_the_sound_too_which_is_cut_a_packet_later(segment_s, target):
    assert playlists.target_s(segment_s) == target


# --- the master -------------------------------------------------------------------------------------------------


def test_the_first_master_promises_what_each_rung_may_spend():
    assert playlists.master(FACTS).splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Original",LANGUAGE="und",DEFAULT=YES,AUTOSELECT=YES,'
        'CHANNELS="2",URI="audio/index.m3u8"',
        "#EXT-X-STREAM-INF:BANDWIDTH=928000,AVERAGE-BANDWIDTH=928000,RESOLUTION=640x360,FRAME-RATE=25.000,"
        'AUDIO="audio",CLOSED-CAPTIONS=NONE',
        "360/index.m3u8",
        "#EXT-X-STREAM-INF:BANDWIDTH=528000,AVERAGE-BANDWIDTH=528000,RESOLUTION=426x240,FRAME-RATE=25.000,"
        'AUDIO="audio",CLOSED-CAPTIONS=NONE',
        "240/index.m3u8",
    ]


def test_a_measured_master_says_what_was_measured(output):
    lines = playlists.master(output.measure()).splitlines()
    assert lines[4].startswith(
        '#EXT-X-STREAM-INF:BANDWIDTH=328000,AVERAGE-BANDWIDTH=328000,CODECS="avc1.64001e,mp4a.40.2",'
    )


def test_a_silent_video_has_no_audio_group():
    assert "AUDIO" not in playlists.master(replace(FACTS, has_audio=False))


def test_players_are_offered_a_modest_rung_first():
    top = replace(FACTS.renditions[0], name="1080", width=1920, height=1080, max_bitrate=5_000_000)
    text = playlists.master(replace(FACTS, renditions=(top, *FACTS.renditions)))
    uris = [line for line in text.splitlines() if not line.startswith("#")]
    assert uris == ["360/index.m3u8", "1080/index.m3u8", "240/index.m3u8"]


# --- what was really made ---------------------------------------------------------------------------------------


def test_the_bandwidth_is_the_peak_of_picture_and_sound_together(output):
    output.files["360/00001.m4s"] = b"x" * 200_000
    rung = output.measure().renditions[0]
    assert (rung.bandwidth, rung.average_bandwidth) == (400_000 + 128_000, 300_000 + 128_000)


def test_a_very_short_last_segment_is_no_peak(output):
    facts = replace(FACTS, duration_s=8.1)
    for folder in ("360", "240", "audio"):
        output.playlist(folder, replace(WHOLE, segments=(*TWO, Segment("00002.m4s", 0.1))))
        output.files[f"{folder}/00002.m4s"] = b"x" * 50_000
    assert output.measure(facts).renditions[0].bandwidth < 600_000


def test_codecs_come_from_the_init_segments(output):
    assert [rung.codecs for rung in output.measure().renditions] == ["avc1.64001e,mp4a.40.2"] * 2


@pytest.mark.parametrize("path", ["360/00001.m4s", "240/init.mp4", "audio/00000.m4s", "audio/index.m3u8"])
def test_a_missing_file_is_noticed(output, path):
    del output.files[path]
    assert path in refusal(output)


def test_an_empty_segment_is_noticed(output):
    output.files["360/00001.m4s"] = b""
    assert "missing or empty" in refusal(output)


def test_a_playlist_without_an_end_is_noticed(output):
    output.playlist("audio", replace(WHOLE, ended=False))
    assert "has no end" in refusal(output)


def test_an_empty_playlist_as_a_full_disk_leaves_it_is_noticed(output):
    output.files["360/index.m3u8"] = b""
    assert "missing or broken" in refusal(output)


def test_a_track_more_than_half_a_second_short_is_noticed(output):
    output.playlist("audio", replace(WHOLE, segments=(TWO[0], Segment("00001.m4s", 3.4))))
    assert "audio plays 7.40 s instead of 8.00 s" in refusal(output)


def test_rungs_cut_at_different_times_are_noticed(output):
    output.playlist("240", replace(WHOLE, segments=(Segment("00000.m4s", 4.2), Segment("00001.m4s", 3.8))))
    assert "cut at different times" in refusal(output)


def test_a_broken_init_segment_is_noticed(output):
    output.files["360/init.mp4"] = output.files["360/init.mp4"][:-40]
    assert "beginning of a rendition" in refusal(output)


def test_a_playlist_of_nothing_is_noticed(output):
    output.playlist("240", replace(WHOLE, segments=()))
    assert "240/index.m3u8 is empty" in refusal(output)


def test_segments_outside_the_attempt_are_not_there(output):
    output.playlist("360", replace(WHOLE, segments=(Segment("../../2/360/00000.m4s", 4.0), TWO[1])))
    assert "../2/360/00000.m4s is missing" in refusal(output)
