"""Reading an object of S3 by blocks: what is asked for once, what is asked for again, and what stands in the way."""

from io import BytesIO
from typing import Any
from urllib.request import urlopen

import pytest
from botocore.exceptions import ResponseStreamingError

from sluice.adapters.aws import blocks as module
from sluice.adapters.aws.blocks import BLOCK, Blocks, Unread
from sluice.adapters.aws.range_proxy import served_by_ranges
from sluice.errors import NotFound, Unavailable, Unplayable


class Body(BytesIO):
    """An answer that breaks where it has been told to."""

    breaks_at: int | None = None

    def read(self, size: int | None = -1) -> bytes:
        if self.breaks_at is not None and self.tell() >= self.breaks_at:
            raise ResponseStreamingError(error="Connection broken")
        return super().read(size)


class Stored:
    """An object of ten blocks and a bit, and what was asked for; `bodies` are given before whole ones."""

    def __init__(self, *bodies: Body | Exception) -> None:
        self.content = b"".join(bytes([number]) * BLOCK for number in range(10)) + b"end"
        self.asked: list[int] = []
        self.given: list[Body] = []
        self._bodies = list(bodies)

    def __call__(self, part: str) -> Any:
        first = int(part.removeprefix("bytes=").removesuffix("-"))
        self.asked.append(first // BLOCK)
        if first >= len(self.content):
            return None
        body = self._bodies.pop(0) if self._bodies else Body()
        if isinstance(body, Exception):
            raise body
        body.write(self.content[first:] if not body.getvalue() else b"")
        body.seek(0)
        self.given.append(body)
        told = f"bytes {first}-{len(self.content) - 1}/{len(self.content)}"
        return {"ContentRange": told, "ETag": f'"{len(self.content)}"', "Body": body}


def breaking_at(offset: int) -> Body:
    body = Body()
    body.breaks_at = offset
    return body


def read(blocks: Blocks, *numbers: int) -> list[bytes]:
    """The first byte of each block, if it has one."""
    return [blocks[number][:1] for number in numbers]


def test_who_reads_on_has_one_answer_for_all() -> None:
    stored = Stored()
    blocks = Blocks(stored)

    content = b"".join(blocks[number] for number in range(11))

    assert (content == stored.content, blocks.size, stored.asked) == (True, len(stored.content), [0])


def test_two_who_read_on_far_from_each_other_have_an_answer_each() -> None:
    stored = Stored()

    assert read(Blocks(stored), 0, 7, 1, 8, 2, 9) == [b"\0", b"\7", b"\1", b"\10", b"\2", b"\11"]
    assert stored.asked == [0, 7]


def test_what_was_just_read_is_kept() -> None:
    stored = Stored()

    assert read(Blocks(stored), 5, 6, 5) == [b"\5", b"\6", b"\5"]
    assert stored.asked == [5]


def test_a_few_blocks_on_the_way_are_read_and_kept() -> None:
    stored = Stored()

    assert read(Blocks(stored), 0, 4, 2) == [b"\0", b"\4", b"\2"]
    assert stored.asked == [0]


def test_no_more_is_kept_than_there_is_memory_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    stored = Stored()

    assert read(Blocks(stored), 0, 1, 2, 1, 0) == [b"\0", b"\1", b"\2", b"\1", b"\0"]
    assert stored.asked == [0, 0]


def test_the_answer_that_was_not_read_from_for_longest_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OPEN", 2)
    stored = Stored()

    read(Blocks(stored), 0, 9, 1, 7)

    assert [body.closed for body in stored.given] == [False, True, False]


def test_nothing_lies_beyond_the_end() -> None:
    stored = Stored()

    assert read(Blocks(stored), 11, 0, 12) == [b"", b"\0", b""]
    assert stored.asked == [11, 0]


# --- when S3 does not do its part -------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", [breaking_at(2 * BLOCK), Body(bytes(BLOCK) + b"\1" * (2 * BLOCK - 1))])
def test_an_answer_that_breaks_is_asked_for_again_from_there(broken: Body) -> None:
    stored = Stored(broken)
    blocks = Blocks(stored)

    assert read(blocks, 0, 1, 2, 3) == [b"\0", b"\1", b"\2", b"\3"]
    assert (stored.asked, broken.closed) == ([0, 2], True)
    blocks.finish()


def test_who_breaks_again_and_again_is_away() -> None:
    stored = Stored(breaking_at(0), breaking_at(0), breaking_at(0))
    blocks = Blocks(stored)

    with pytest.raises(Unread):
        blocks[0]

    assert stored.asked == [0, 0, 0]
    with pytest.raises(Unavailable):
        blocks.finish()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Unavailable("s3: SlowDown"), Unavailable),
        (NotFound("no object"), Unavailable),
        (PermissionError("AccessDenied"), PermissionError),
    ],
)
def test_what_s3_refused_once_is_told_in_the_end(answer: Exception, told: type[Exception]) -> None:
    blocks = Blocks(Stored(answer))

    with pytest.raises(Unread):
        blocks[0]

    with pytest.raises(told):
        blocks.finish()


def test_two_uploads_are_never_read_as_one() -> None:
    stored = Stored()
    blocks = Blocks(stored)
    read(blocks, 9)
    stored.content = b"another"

    with pytest.raises(Unread):
        blocks[0]

    with pytest.raises(Unavailable, match="replaced"):
        blocks.finish()


def test_after_a_failure_nobody_waits_for_s3_again() -> None:
    stored = Stored(Body(), Unavailable("s3: SlowDown"))
    blocks = Blocks(stored)
    read(blocks, 0)
    with pytest.raises(Unread):
        blocks[9]

    with pytest.raises(Unread):
        blocks[0]

    assert stored.asked == [0, 9]


def test_nobody_reads_on_after_the_end() -> None:
    stored = Stored()
    blocks = Blocks(stored)
    blocks.finish()

    with pytest.raises(Unread):
        blocks[0]

    assert stored.asked == []


@pytest.mark.parametrize("end", [Unplayable("damaged", "It is damaged."), Unavailable("ffprobe was killed")])
def test_however_a_look_ends_all_answers_are_closed(end: Exception) -> None:
    stored = Stored()

    def look() -> None:
        with served_by_ranges(stored) as address:
            urlopen(address).close()
            raise end

    with pytest.raises(type(end)):
        look()

    assert [body.closed for body in stored.given] == [True]


def test_all_answers_are_closed_in_the_end() -> None:
    stored = Stored()
    blocks = Blocks(stored)
    read(blocks, 0, 9)

    blocks.finish()

    assert [body.closed for body in stored.given] == [True, True]
