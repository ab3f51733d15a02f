"""A posted form, read as it comes in: its fields, then its file in pieces, never the whole of it."""

import math
from collections.abc import Iterator
from typing import Protocol

from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData, State

from .s3_answers import S3Error

MAX_BEFORE_FILE = 64 << 10
MAX_AFTER_FILE = 1 << 20
MAX_PARTS = 200
_PIECE_BEFORE_FILE = 16 << 10
_PIECE_OF_FILE = 1 << 20
_BUFFER = 4 << 20


class Readable(Protocol):
    """Where the body comes from."""

    def read(self, size: int, /) -> bytes:
        """Up to this many bytes; none at the end."""


class MultipartUpload:
    """One form. Read its `fields`, judge them, then take the `pieces` of its file."""

    def __init__(self, stream: Readable, boundary: bytes) -> None:
        self.filename = ""
        self._decoder = MultipartDecoder(boundary, max_form_memory_size=_BUFFER, max_parts=MAX_PARTS)
        self._delimiter = b"--" + boundary
        self._events = self._read_events()
        self._piece = _PIECE_BEFORE_FILE
        # Only what has come is read: a sender may wait for the verdict on its form before it sends on, and filling up
        # pieces of a file would copy each of them twice.
        self._take = getattr(stream, "read1", stream.read)
        self._may_read: float = MAX_BEFORE_FILE

    def fields(self) -> dict[str, str]:
        """The fields before the file, by their names in lower case. S3Error for duplicates or a form without file."""
        fields: dict[str, str] = {}
        for event in self._events:
            if isinstance(event, Field | File):
                name = _name(event)
                if name == "file":
                    self._begin_file(event)
                    return fields
                if name in fields:
                    raise S3Error(400, "InvalidArgument", f"The field {name} is there twice.")
                fields[name] = self._value()
        raise S3Error(400, "InvalidArgument", "POST requires exactly one file upload per request.")

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the file. It ends when the whole form was read to its end; S3Error if it is cut off."""
        yield from self._part()
        self._may_read = MAX_AFTER_FILE
        for event in self._events:
            if isinstance(event, Field | File) and _name(event) == "file":
                raise S3Error(400, "InvalidArgument", "POST requires exactly one file upload per request.")

    def _begin_file(self, part: Field | File) -> None:
        filename = part.filename if isinstance(part, File) else ""
        self.filename = filename.replace("\\", "/").rpartition("/")[2]
        self._piece = _PIECE_OF_FILE
        self._may_read = math.inf

    def _value(self) -> str:
        try:
            return b"".join(self._part()).decode()
        except UnicodeDecodeError:
            raise _malformed("a field is not UTF-8") from None

    def _part(self) -> Iterator[bytes]:
        for event in self._events:
            if isinstance(event, Data):
                if event.data:
                    yield event.data
                if not event.more_data:
                    return

    def _read_events(self) -> Iterator[Event]:
        event: Event | None = None
        while not isinstance(event, Epilogue):
            try:
                event = self._decoder.next_event()
            except (ValueError, RequestEntityTooLarge):
                raise _malformed("it is cut off or not well-formed multipart/form-data") from None
            if not isinstance(event, NeedData):
                yield event
            elif self._is_content(piece := self._read()):
                yield Data(piece, more_data=True)
            else:
                self._feed(piece)

    def _is_content(self, piece: bytes) -> bool:
        """Whether nothing in it, and nothing held back before it, can belong to a delimiter."""
        # The decoder would copy it four times to find that out.
        if self._decoder.state is not State.DATA or self._decoder.buffer or not piece or self._delimiter in piece:
            return False
        tail = piece[-len(self._delimiter) - 1 :]
        after_break = tail[max(tail.rfind(b"\r"), tail.rfind(b"\n")) + 1 :]
        return len(after_break) == len(tail) or not self._delimiter.startswith(after_break)

    def _feed(self, piece: bytes) -> None:
        # The decoder takes the CR before a delimiter for content when a piece ends inside that delimiter.
        while self._ends_in_delimiter(piece) and len(piece) <= _BUFFER:
            more = self._read()
            if not more:
                break
            piece += more
        try:
            self._decoder.receive_data(piece or None)
        except RequestEntityTooLarge:
            raise _malformed("its headers are too large") from None

    def _ends_in_delimiter(self, piece: bytes) -> bool:
        length = len(self._delimiter) + 1
        tail = piece if len(piece) >= length else bytes(self._decoder.buffer[-length:]) + piece
        return bool(piece) and self._delimiter in tail[-length:]

    def _read(self) -> bytes:
        try:
            piece = self._take(self._piece)
        except TimeoutError:
            raise S3Error(400, "RequestTimeout", "Nothing came in for too long.") from None
        except (OSError, ClientDisconnected):
            raise _malformed("the connection broke") from None
        self._may_read -= len(piece)
        if self._may_read < 0:
            raise S3Error(400, "MaxPostPreDataLengthExceeded", "There is too much in the form beside the file.")
        return piece


def _name(part: Field | File) -> str:
    # Some clients give every part a file name, so it is the name that tells the file from the fields.
    if not isinstance(part.name, str) or not part.name:
        raise _malformed("a part has no name")
    return part.name.lower()


def _malformed(reason: str) -> S3Error:
    return S3Error(400, "MalformedPOSTRequest", f"The body can't be read as a form: {reason}.")
