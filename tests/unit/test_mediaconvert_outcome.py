"""What MediaConvert leaves is put where every home has it, and then measures like any other output."""

from dataclasses import replace
from pathlib import Path

import pytest

from sluice import layout, playlists
from sluice.adapters.aws import mediaconvert_outcome
from sluice.adapters.local.files import LocalObjects
from sluice.errors import Unplayable
from tests.making import FACTS, an_id

DATA = Path(__file__).parents[1] / "data"
PREFIX = layout.attempt_prefix(an_id(1), 1)
VIDEO, SOUND = (DATA / "picture.ts").read_bytes(), (DATA / "sound.ts").read_bytes()


def childs_playlist(name, *, end="#EXT-X-ENDLIST\n"):
    """A playlist as MediaConvert writes them."""
    return (
        "#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-PLAYLIST-TYPE:VOD\n"
        f"#EXTINF:4,\nencoded_{name}_00001.ts\n#EXTINF:4.00000,\nencoded_{name}_00002.ts\n{end}"
    )


class Left:
    """A bucket with what a job left in it."""

    def __init__(self, folder):
        self.media = LocalObjects(folder, prefix="media/")
        self.put("encoded.m3u8", b"#EXTM3U\n")
        for name, segment in (("360", VIDEO), ("240", VIDEO), ("audio", SOUND)):
            self.put(f"encoded_{name}.m3u8", childs_playlist(name).encode())
            self.put(f"encoded_{name}_00001.ts", segment)
            self.put(f"encoded_{name}_00002.ts", segment)
        for number, size in enumerate((10, 3000, 2000)):
            self.put(f"captures/frame.000000{number}.jpg", bytes([number]) * size)

    def put(self, path, body):
        self.media.put(PREFIX + path, body, "application/octet-stream")

    def read(self, path):
        return self.media.read(PREFIX + path)

    def arrange(self, facts=FACTS):
        mediaconvert_outcome.arrange(self.media, an_id(1), 1, facts)

    def measure(self, facts=FACTS):
        sizes = {key.removeprefix(PREFIX): size for key, size in self.media.list(PREFIX)}
        return playlists.measure(facts, self.read, sizes)


@pytest.fixture
def left(tmp_path):
    return Left(tmp_path)


def test_playlists_lie_where_the_master_names_them_and_name_the_segments_where_those_are(left):
    left.arrange()
    assert left.read("360/index.m3u8").decode().splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:4",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        "#EXTINF:4.000000,",
        "../encoded_360_00001.ts",
        "#EXTINF:4.000000,",
        "../encoded_360_00002.ts",
        "#EXT-X-ENDLIST",
    ]


def test_it_measures_like_any_other_output(left):
    left.arrange()
    rung = left.measure().renditions[0]
    bits = 8 * (len(VIDEO) + len(SOUND)) // 4
    assert (rung.codecs, rung.bandwidth, rung.average_bandwidth) == ("avc1.64001f,mp4a.40.2", bits, bits)


def test_the_thumbnail_is_the_picture_with_most_in_it(left):
    left.arrange()
    assert left.read(layout.THUMBNAIL) == b"\1" * 3000


def test_arranging_again_changes_nothing(left):
    left.arrange()
    before = sorted((key, left.media.read(key)) for key, _ in left.media.list(PREFIX))
    left.arrange()
    assert sorted((key, left.media.read(key)) for key, _ in left.media.list(PREFIX)) == before


def test_a_silent_video_has_no_playlist_for_sound(left):
    silent = replace(FACTS, has_audio=False)
    left.arrange(silent)
    assert left.measure(silent).renditions[1].codecs == "avc1.64001f"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("encoded_240.m3u8", "playlist 240/index.m3u8 is missing"),
        ("encoded_240_00002.ts", "segment encoded_240_00002.ts is missing"),
        ("encoded_audio.m3u8", "playlist audio/index.m3u8 is missing"),
    ],
)
def test_what_the_job_did_not_leave_is_noticed(left, path, words):
    left.media.delete(PREFIX + path)
    left.arrange()
    with pytest.raises(Unplayable, match=words):
        left.measure()


@pytest.mark.parametrize("text", [b"\xff\xfe", b"", childs_playlist("360", end="#EXTINF:4,\n").encode()])
def test_a_broken_playlist_is_noticed(left, text):
    left.put("encoded_360.m3u8", text)
    left.arrange()
    with pytest.raises(Unplayable, match=r"360/index\.m3u8 is missing"):
        left.measure()


def test_a_playlist_that_has_not_ended_is_noticed(left):
    left.put("encoded_360.m3u8", childs_playlist("360", end="").encode())
    left.arrange()
    with pytest.raises(Unplayable, match="has no end"):
        left.measure()


def test_a_segment_that_can_not_be_read_is_noticed(left):
    left.put("encoded_360_00001.ts", b"x" * 188)
    left.arrange()
    with pytest.raises(Unplayable, match="beginning of a rendition"):
        left.measure()


def test_a_job_without_pictures_leaves_no_thumbnail(left):
    left.media.delete_prefix(f"{PREFIX}captures/")
    left.arrange()
    assert left.media.head(PREFIX + layout.THUMBNAIL) is None
