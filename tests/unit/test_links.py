"""Addresses of media, and the passes in them."""

from datetime import UTC, datetime, timedelta

import pytest

from sluice.adapters.links import SignedLinks

NOW = datetime(2026, 11, 21, 12, 34, 56, tzinfo=UTC)
VIDEO = "01JD0000000000000000000001"
OTHER = "01JD0000000000000000000002"


def links_at(moment: datetime, key: bytes = b"k" * 32) -> SignedLinks:
    return SignedLinks(key, lambda: moment)


def pass_of(address: str) -> str:
    return address.removeprefix("/media/~").partition("/")[0]


@pytest.fixture
def pass_() -> str:
    return pass_of(links_at(NOW).media_base(VIDEO, open=False))


def test_an_open_video_has_a_plain_address() -> None:
    assert links_at(NOW).media_base(VIDEO, open=True) == f"/media/{VIDEO}/"


def test_any_other_has_a_pass_in_its_address(pass_: str) -> None:
    assert links_at(NOW).media_base(VIDEO, open=False) == f"/media/~{pass_}/{VIDEO}/"


def test_where_open_videos_need_a_pass_too_theirs_ends_with_the_next_day() -> None:
    links = SignedLinks(b"k" * 32, lambda: NOW, open_ones_too=True)
    expires = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
    assert pass_of(links.media_base(VIDEO, open=True)).startswith(f"{expires}-")
    assert links.admits(pass_of(links.media_base(VIDEO, open=True)), VIDEO)


def test_the_address_of_an_open_video_stays_the_same_for_the_day() -> None:
    moments = datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)
    first, last = (SignedLinks(b"k", lambda m=m: m, open_ones_too=True).media_base(VIDEO, open=True) for m in moments)
    assert first == last


def test_a_pass_admits_to_its_video(pass_: str) -> None:
    assert links_at(NOW).admits(pass_, VIDEO)


def test_a_pass_admits_to_no_other_video(pass_: str) -> None:
    assert not links_at(NOW).admits(pass_, OTHER)


def test_a_pass_lasts_six_hours_and_no_longer_than_seven(pass_: str) -> None:
    assert links_at(NOW + timedelta(hours=6)).admits(pass_, VIDEO)
    assert not links_at(NOW + timedelta(hours=7)).admits(pass_, VIDEO)


def test_a_pass_ends_on_the_hour(pass_: str) -> None:
    end = datetime(2026, 11, 21, 19, tzinfo=UTC)
    assert links_at(end - timedelta(microseconds=1)).admits(pass_, VIDEO)
    assert not links_at(end).admits(pass_, VIDEO)


def test_the_address_stays_the_same_for_the_hour() -> None:
    first = links_at(datetime(2026, 11, 21, 12, tzinfo=UTC)).media_base(VIDEO, open=False)
    last = links_at(datetime(2026, 11, 21, 12, 59, 59, tzinfo=UTC)).media_base(VIDEO, open=False)
    assert first == last


def test_a_pass_has_one_spelling(pass_: str) -> None:
    assert not links_at(NOW).admits(f"0{pass_}", VIDEO)


def test_another_key_makes_another_pass(pass_: str) -> None:
    assert not links_at(NOW, b"x" * 32).admits(pass_, VIDEO)


def test_a_pass_can_not_be_prolonged(pass_: str) -> None:
    expires, _, signature = pass_.partition("-")
    assert not links_at(NOW).admits(f"{int(expires) + 3600}-{signature}", VIDEO)


@pytest.mark.parametrize("made_up", [None, "", "-", "1-2", "x", "9" * 400, "1792612800-" + "0" * 64, "é-" + "0" * 64])
def test_what_is_no_pass_admits_nobody(made_up: str | None) -> None:
    assert not links_at(NOW).admits(made_up, VIDEO)
