"""Files that come piece by piece."""

import socket
import threading
from collections.abc import Iterator

import pytest

from sluice.client.exchange import fetched
from sluice.client.troubles import Unreachable


@pytest.fixture
def half_an_answer() -> Iterator[str]:
    """The address of a server that promises ten bytes and hangs up after five."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        asking, _ = listener.accept()
        with asking:
            asking.recv(4096)
            asking.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcde")

    thread = threading.Thread(target=answer)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/a"
    thread.join()
    listener.close()


def test_a_file_that_does_not_come_whole_is_no_file(half_an_answer: str) -> None:
    with pytest.raises(Unreachable, match="broke off"):
        list(fetched(half_an_answer))
