"""A form is read the same however it comes in pieces."""

import pytest

from sluice.api.multipart_upload import MultipartUpload
from tests.api.storage.conftest import BODY, part


class Given:
    """A body that comes in these pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = iter(pieces)

    def read(self, size: int, /) -> bytes:
        return next(self._pieces, b"")


WHOLE = part("a", b"one") + part("file", BODY, '; filename="f"') + part("b", b"two") + b"--bnd--\r\n"


@pytest.mark.parametrize("cut", range(1, len(WHOLE)))
def test_it_does_not_matter_how_a_form_is_cut_into_pieces(cut: int) -> None:
    form = MultipartUpload(Given([WHOLE[:cut], WHOLE[cut:]]), b"bnd")
    assert form.fields() == {"a": "one"}
    assert b"".join(form.pieces()) == BODY


# Whatever begins as a delimiter does, beside what only looks like one.
NEARLY = b"".join([BODY, b"\r\r\n", b"x--bnd", b"\r\n--bn", b"\n--b\r", b"d\r\n-", b"\r\n--b\r\n", b"x" * 50, b"\n"])


@pytest.mark.parametrize("length", range(1, 120))
def test_what_is_nearly_a_delimiter_is_content_wherever_a_piece_ends(length: int) -> None:
    whole = part("file", NEARLY, '; filename="f"') + part("b", b"two") + b"--bnd--\r\n"
    form = MultipartUpload(Given([whole[at : at + length] for at in range(0, len(whole), length)]), b"bnd")
    form.fields()
    assert b"".join(form.pieces()) == NEARLY


def test_a_piece_without_any_delimiter_is_passed_on_as_it_came() -> None:
    pieces = [
        part("file", b"", '; filename="f"')[:-2] + b"it begins ",
        content := bytes(range(256)) * 4,
        b"\r\n--bnd--\r\n",
    ]
    form = MultipartUpload(Given(pieces), b"bnd")
    form.fields()
    assert any(piece is content for piece in form.pieces())
