"""Sound that is as an encode would make it: taken over as it is, unless not all of it can be decoded."""

import json
import subprocess

import pytest

from sluice.messages import EncodeLost, EncodeSucceeded
from sluice.settings import Settings
from tests.e2e.encoding import AAC, VIDEO_ID, X264, Encode, damaged, flash_and_beep, make, picture, scripted, tone
from tests.hls import checker, measuring

pytestmark = pytest.mark.e2e


@pytest.fixture
def film(tmp_path):
    return make(tmp_path / "film.mp4", *picture(9), *tone(9), *X264, *AAC)


def sound_copied(run):
    return json.loads((run.folder / "receipt.json").read_text())["audioCopied"]


def packets(path):
    """The checksums of all packets of sound."""
    argv = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-c", "copy", "-f", "framecrc", "-"]
    listed = subprocess.run(argv, check=True, timeout=60, capture_output=True, text=True).stdout
    return [line.split(",")[5].strip() for line in listed.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("hz", [44_100, 48_000])
def test_sound_like_ours_is_taken_over_packet_by_packet(tmp_path, hz):
    run = Encode(tmp_path, make(tmp_path / "film.mp4", *picture(9), *tone(9), *X264, *AAC, "-ar", str(hz)))
    assert run.run() == EncodeSucceeded(VIDEO_ID, 1)
    assert sound_copied(run)
    assert checker.problems(run.finished()) == []
    assert packets(run.playlist("audio")) == packets(run.source)


def test_sound_that_is_taken_over_stays_with_its_picture(tmp_path):
    film = make(tmp_path / "film.mp4", *flash_and_beep(9), "-ac", "2", *X264, *AAC)
    run = Encode(tmp_path, film)
    assert run.run() == EncodeSucceeded(VIDEO_ID, 1)
    assert sound_copied(run)
    steps = [*zip(measuring.beeps(run.playlist("audio")), measuring.flashes(run.playlist("240")), strict=False)]
    assert len(steps) == 8
    assert max(abs(beep - flash) for beep, flash in steps) < 0.04


@pytest.mark.parametrize("words", [("-ac", "1"), ("-b:a", "256k"), ("-ar", "32000"), ("-c:a", "libmp3lame")])
def test_other_sound_is_encoded(tmp_path, words):
    noise = ("-f", "lavfi", "-i", "anoisesrc=d=5:c=pink:r=48000,aformat=channel_layouts=stereo")
    run = Encode(tmp_path, make(tmp_path / "film.mp4", *picture(5), *noise, *X264, *AAC, *words))
    assert run.run() == EncodeSucceeded(VIDEO_ID, 1)
    assert not sound_copied(run)
    assert checker.problems(run.finished()) == []


def test_no_sound_is_taken_over_where_that_is_switched_off(film, tmp_path):
    run = Encode(tmp_path, film, Settings(copy_sound=False))
    assert run.run() == EncodeSucceeded(VIDEO_ID, 1)
    assert not sound_copied(run)


def test_sound_of_which_not_all_can_be_decoded_is_encoded(film, tmp_path, caplog):
    caplog.set_level("INFO", "sluice")
    # Whether something was shown by then is the machine's; if so, another attempt follows.
    runs = (Encode(tmp_path, damaged(film, "a", 0.5), attempt=attempt) for attempt in (1, 2))
    run = next(run for run in runs if isinstance(run.run(), EncodeSucceeded))
    assert "sound not copied: not all of its sound can be decoded" in caplog.text
    assert not sound_copied(run)
    assert checker.problems(run.finished()) == []
    assert measuring.complaints(run.playlist("audio")) == ""


def test_damage_that_is_found_late_takes_another_attempt_that_keeps_its_chunks(film, tmp_path):
    # Sound comes no faster than it plays: its first segment is there long before the damage.
    slow = scripted(tmp_path, 'case $* in *-xerror*) set -- -re "$@";; esac')
    first = Encode(tmp_path, damaged(film, "a", 0.97), slow)
    assert first.run() == EncodeLost(VIDEO_ID, 1, planned=True)
    assert first.keys
    again = Encode(tmp_path, film, slow, attempt=2)
    assert again.run() == EncodeSucceeded(VIDEO_ID, 2)
    assert not sound_copied(again)
    assert json.loads((again.folder / "receipt.json").read_text())["chunksReused"] > 0
    assert checker.problems(again.finished()) == []
