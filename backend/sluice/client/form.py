"""A multipart form with one file, read from the disk as it is sent."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from .troubles import Trouble

_PIECE_BYTES = 256 << 10


@dataclass(frozen=True)
class FileForm:
    """The fields, then the file; each `pieces` reads it anew."""

    fields: Mapping[str, str]
    path: Path
    size: int
    boundary: str

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self.boundary}"

    @property
    def length(self) -> int:
        """The bytes of the whole body."""
        return len(self._head()) + self.size + len(self._tail())

    def pieces(self, sent: Callable[[int], None]) -> Iterator[bytes]:
        """The body, telling after each piece of the file how much of it is out."""
        yield self._head()
        yield from self._file(sent)
        yield self._tail()

    def _file(self, sent: Callable[[int], None]) -> Iterator[bytes]:
        done = 0
        for piece in self._read():
            yield piece
            done += len(piece)
            sent(done)

    def _read(self) -> Iterator[bytes]:
        left = self.size
        try:
            with self.path.open("rb") as file:
                while left:
                    piece = file.read(min(_PIECE_BYTES, left))
                    if not piece:
                        raise Trouble(f"{self.path} became shorter while it was being sent")
                    yield piece
                    left -= len(piece)
        except OSError as error:
            # Not the line's, which would be tried again.
            raise Trouble(f"{self.path} can't be read ({error.strerror or error})") from error

    def _head(self) -> bytes:
        fields = "".join(f"{self._part(name)}\r\n\r\n{value}\r\n" for name, value in self.fields.items())
        # The server knows the file's name from the ticket; a fixed one here needs no quoting.
        return (
            f'{fields}{self._part("file")}; filename="file"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode()
        )

    def _part(self, name: str) -> str:
        return f'--{self.boundary}\r\nContent-Disposition: form-data; name="{name}"'

    def _tail(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode()


def file_form(fields: Mapping[str, str], path: Path, size: int) -> FileForm:
    """A form for this file, under a boundary that can't be in it by chance."""
    return FileForm(fields, path, size, f"sluice-{token_hex(16)}")
