"""What becomes one segment, so that none is a sliver."""

import pytest

from sluice.adapters.local.rests import joined, with_rest
from sluice.playlists import Segment

LONG, SHORT, REST = Segment("0.m4s", 4.0), Segment("1.m4s", 2.0), Segment("2.m4s", 0.04)


@pytest.mark.parametrize(
    ("written", "ended", "known"),
    [
        ([], False, []),
        ([LONG, SHORT], False, [[LONG]]),
        ([LONG, SHORT, REST], False, [[LONG]]),
        ([REST], False, []),
        ([LONG, SHORT], True, [[LONG], [SHORT]]),
        ([LONG, REST], True, [[LONG, REST]]),
        ([REST], True, [[REST]]),
    ],
)
def test_a_short_rest_belongs_to_the_segment_before_it(written, ended, known):
    assert with_rest(written, ended=ended) == known


def test_a_joined_file_holds_all_of_its_parts(tmp_path):
    files = [tmp_path / "0.m4s", tmp_path / "1.m4s"]
    files[0].write_bytes(b"first")
    files[1].write_bytes(b"second")

    whole = joined(files)

    assert whole.read_bytes() == b"firstsecond"
    assert files[0].read_bytes() == b"first"


def test_what_was_joined_and_published_before_is_not_written_to(tmp_path):
    files = [tmp_path / "0.m4s", tmp_path / "1.m4s"]
    for file in files:
        file.write_bytes(b"some")
    published = tmp_path / "published"
    published.hardlink_to(joined(files))
    files[1].write_bytes(b"other")

    assert joined(files).read_bytes() == b"someother"
    assert published.read_bytes() == b"somesome"
