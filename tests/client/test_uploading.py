"""Uploads over lines that hold, lines that break, and lines whose user has had enough."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sluice.client.api import Api, KeptTokens
from sluice.client.exchange import Answer, exchange
from sluice.client.form import file_form
from sluice.client.retries import Patience
from sluice.client.server import connect
from sluice.client.sessions import Sessions
from sluice.client.sign_in import Accounts
from sluice.client.troubles import Refusal, Trouble
from sluice.client.uploading import Uploader, Wish
from tests.client.conftest import LIMIT, Running
from tests.client.line import Line


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / 'a "walk".mp4'
    path.write_bytes(bytes(range(256)) * 8000)
    return path


def wish(path: Path) -> Wish:
    return Wish(path, "A walk", "In the snow.", "unlisted")


def arrived(running: Running, video_id: str) -> str:
    return hashlib.sha256(running.home.sources.path(video_id).read_bytes()).hexdigest()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def mine(api: Api) -> list[str]:
    return [video["id"] for video in api.videos(public=False, limit=0)]


def nothing(_: object) -> None:
    """For progress that nobody watches."""


def through(line: Line, signed_in: Sessions, server_url: str, patience: Patience) -> Api:
    """The user's calls, by way of this line."""
    server = connect(line.url, patience)
    session = signed_in.get(server_url)
    assert session is not None
    with signed_in.locked():
        signed_in.keep(line.url, session)
    return Api(server, KeptTokens(signed_in, server, Accounts(server, patience)), patience)


def test_a_file_arrives_byte_for_byte_and_is_published(
    api: Api, patience: Patience, film: Path, running: Running
) -> None:
    video = Uploader(api, patience, nothing).upload(wish(film), nothing)

    shown = api.video(video["id"])
    assert (shown["title"], shown["description"], shown["visibility"]) == ("A walk", "In the snow.", "unlisted")
    assert shown["filename"] == film.name
    assert arrived(running, video["id"]) == digest(film)


def test_every_byte_is_told_of(api: Api, patience: Patience, film: Path) -> None:
    told: list[int] = []
    Uploader(api, patience, nothing).upload(wish(film), told.append)
    assert told == sorted(told)
    assert told[-1] == film.stat().st_size


def test_a_broken_line_is_tried_again(
    line: Callable[..., Line],
    signed_in: Sessions,
    running: Running,
    patience: Patience,
    film: Path,
    pauses: list[float],
) -> None:
    api = through(line(cut_at=500_000), signed_in, running.url, patience)

    video = Uploader(api, patience, nothing).upload(wish(film), nothing)

    assert arrived(running, video["id"]) == digest(film)
    assert pauses == [0.5]


def test_an_upload_whose_answer_got_lost_is_not_an_error(
    line: Callable[..., Line], signed_in: Sessions, running: Running, patience: Patience, film: Path
) -> None:
    api = through(line(cut_at=500_000, swallow=True), signed_in, running.url, patience)

    video = Uploader(api, patience, nothing).upload(wish(film), nothing)

    assert arrived(running, video["id"]) == digest(film)
    assert mine(api) == [video["id"]]


def test_ctrl_c_leaves_nothing_on_the_server(api: Api, patience: Patience, film: Path) -> None:
    def enough(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Uploader(api, patience, nothing).upload(wish(film), enough)
    assert mine(api) == []


def test_ctrl_c_while_the_ticket_is_on_its_way_leaves_nothing_either(
    api: Api, patience: Patience, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, interrupted = exchange, []

    def interrupted_once(method: str, url: str, *rest: Any, **more: Any) -> Answer:
        answer = real(method, url, *rest, **more)
        if url.endswith("/api/uploads") and not interrupted:
            interrupted.append(answer.json()["id"])
            raise KeyboardInterrupt
        return answer

    monkeypatch.setattr("sluice.client.api.exchange", interrupted_once)
    with pytest.raises(KeyboardInterrupt):
        Uploader(api, patience, nothing).upload(wish(film), nothing)
    assert len(interrupted) == 1
    assert mine(api) == []


def test_a_file_over_the_limit_is_refused_before_it_is_sent(api: Api, patience: Patience, tmp_path: Path) -> None:
    large = tmp_path / "large.mp4"
    large.write_bytes(b"x" * (LIMIT + 1))
    with pytest.raises(Refusal) as refused:
        Uploader(api, patience, nothing).upload(wish(large), nothing)
    assert (refused.value.code, refused.value.status) == ("too_large", 413)
    assert mine(api) == []


def test_a_title_that_is_refused_takes_the_upload_back(api: Api, patience: Patience, film: Path) -> None:
    with pytest.raises(Refusal, match="title: Give 1 to 200 characters"):
        Uploader(api, patience, nothing).upload(Wish(film, "x" * 201, "", "public"), nothing)
    assert mine(api) == []


def test_a_file_that_shrinks_meanwhile_is_taken_back(api: Api, patience: Patience, film: Path) -> None:
    def shrink(done: int) -> None:
        with film.open("r+b") as file:
            file.truncate(done)

    with pytest.raises(Trouble, match="became shorter"):
        Uploader(api, patience, nothing).upload(wish(film), shrink)
    assert mine(api) == []


def test_an_empty_file_is_not_offered(api: Api, patience: Patience, tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(Trouble, match="is empty"):
        Uploader(api, patience, nothing).upload(wish(tmp_path / "empty.mp4"), nothing)


def test_a_file_that_goes_away_meanwhile_is_told_at_once_and_taken_back(
    api: Api, patience: Patience, film: Path, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    real = api.ticket

    def gone_by_then(filename: str, size: int, key: str) -> dict[str, Any]:
        film.unlink()
        return real(filename, size, key)

    monkeypatch.setattr(api, "ticket", gone_by_then)
    with pytest.raises(Trouble, match="can't be read") as trouble:
        Uploader(api, patience, nothing).upload(wish(film), nothing)
    assert (trouble.value.exit_code, pauses, mine(api)) == (1, [], [])


@pytest.mark.parametrize("what", ["a pipe", "/dev/zero", "/proc/version"])
def test_what_is_no_regular_file_is_not_offered(api: Api, patience: Patience, tmp_path: Path, what: str) -> None:
    path = tmp_path / what
    if what == "a pipe":
        os.mkfifo(path)
    with pytest.raises(Trouble, match="no regular file"):
        Uploader(api, patience, nothing).upload(wish(path), nothing)


def test_a_form_is_as_long_as_it_says_and_comes_in_small_pieces(film: Path) -> None:
    form = file_form({"key": "k"}, film, film.stat().st_size)
    pieces = [len(piece) for piece in form.pieces(nothing)]
    assert sum(pieces) == form.length
    assert max(pieces) == 256 << 10
