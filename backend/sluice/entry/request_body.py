"""Request bodies from gunicorn: every fault of the sender is an OSError, and nobody waits for more than what came."""

from collections.abc import Callable, Iterable
from typing import Any

from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.errors import ParseException

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class SteadyBodies:
    """A WSGI application whose request bodies are `SteadyBody`s."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if isinstance(environ["wsgi.input"], Body):
            environ["wsgi.input"] = SteadyBody(environ["wsgi.input"])
        return self._application(environ, start_response)


class SteadyBody:
    """One request's body. What is wrong with it is told as an OSError, as a broken connection is."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        """So many bytes, fewer only at the end."""
        return self._safely(lambda: self._body.read(None if size < 0 else size))

    def readline(self, size: int = -1) -> bytes:
        """The next line."""
        return self._safely(lambda: self._body.readline(None if size < 0 else size))

    def read1(self, size: int) -> bytes:
        """Up to so many of the bytes that are there, waiting only where there are none; nothing at the end."""
        held = self._body.buf.tell()
        if held:
            return self.read(min(size, held))
        return self._safely(lambda: _next_piece(self._body.reader, size))

    def _safely(self, read: Callable[[], bytes]) -> bytes:
        try:
            return read()
        except (ParseException, OSError) as error:
            # Where the next request on this connection would begin is not known any more.
            self._body.failed = True
            raise error if isinstance(error, OSError) else ConnectionError(str(error)) from error


def _next_piece(reader: Any, size: int) -> bytes:
    # gunicorn itself reads on until it has 1 KiB, for which a sender that waits for our answer would never send.
    if isinstance(reader, LengthReader):
        return _piece_of_known_length(reader, min(size, reader.length))
    if isinstance(reader, ChunkedReader):
        first = reader.read(1)
        return bytes(first + reader.read(min(size - 1, reader.buf.tell())))
    return bytes(reader.read(size))


def _piece_of_known_length(reader: Any, size: int) -> bytes:
    if size <= 0:
        return b""
    came: bytes = reader.unreader.read(None, read_ahead=size)
    if len(came) > size:
        reader.unreader.unread(came[size:])
    reader.length -= len(came[:size])
    return came[:size]
