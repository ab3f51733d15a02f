"""What ffmpeg wrote is published only as long as it goes together."""

from pathlib import Path

import pytest

from sluice import playlists
from sluice.adapters.local.files import LocalObjects
from sluice.adapters.local.publisher import Publisher
from sluice.adapters.local.track import Broken
from sluice.playlists import MediaPlaylist, Segment
from tests.orders import order
from tests.segments import segment

INIT = (Path(__file__).parents[1] / "data" / "init_video.mp4").read_bytes()
# Another level of the same profile, somewhere in the head.
OTHER_INIT = INIT.replace(b"avcC\x01\x64\x00\x1e", b"avcC\x01\x64\x00\x1f")
FILM = order(width=640, height=360, duration_s=8.0, audio_index=None)


def part(folder, number, *, start=0, frames=3, init=INIT, **flags):
    """A finished folder with one segment of so many frames."""
    folder.mkdir(parents=True)
    (folder / "init.mp4").write_bytes(init)
    (folder / f"{number}.m4s").write_bytes(segment(start=512 * start, sizes=(20,) * frames, mdat=20 * frames, **flags))
    written = MediaPlaylist(4, "init.mp4", (Segment(f"{number}.m4s", 4.0),), ended=True)
    (folder / "index.m3u8").write_text(playlists.write(written))
    return folder


@pytest.fixture
def parts(tmp_path):
    """A film of two segments and two rungs, the larger of which is written by two processes."""
    large = [part(tmp_path / "0" / "360", 0), part(tmp_path / "1" / "360", 1, start=3)]
    return {"360": large, "240": [part(tmp_path / "240", 0, frames=6)]}


@pytest.fixture
def publish(tmp_path, parts):
    def publish():
        Publisher(FILM, parts, LocalObjects(tmp_path / "media", prefix="media/")).finish()

    return publish


def test_a_part_that_needs_another_init_segment_is_broken(tmp_path, parts, publish):
    parts["360"][1] = part(tmp_path / "2" / "360", 1, start=3, init=OTHER_INIT)
    with pytest.raises(Broken, match="differs from that of the segments before it"):
        publish()


@pytest.mark.parametrize("flags", [{"start": 2}, {"start": 4}, {"start": 3, "keyframe": False}])
def test_a_part_that_does_not_follow_on_the_one_before_is_broken(tmp_path, parts, publish, flags):
    parts["360"][1] = part(tmp_path / "2" / "360", 1, **flags)
    with pytest.raises(Broken, match="does not follow"):
        publish()


def test_rungs_with_different_numbers_of_frames_are_broken(tmp_path, parts, publish):
    parts["240"] = [part(tmp_path / "2" / "240", 0, frames=5)]
    with pytest.raises(Broken, match=r"differ in their number of frames: \[5, 6\]"):
        publish()


def test_rungs_that_end_elsewhere_than_their_playlists_say_are_broken(publish):
    with pytest.raises(Broken, match="ends elsewhere"):
        publish()
