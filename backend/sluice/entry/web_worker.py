"""gunicorn's worker with threads, on its guard."""

from typing import Any

from gunicorn.http.errors import InvalidHeader
from gunicorn.workers.gthread import ThreadWorker

from .bad_requests import Reworded
from .connections import Connection


class WebWorker(ThreadWorker):
    """Bounds the time that a request may take to come in, and refuses what is no request as everything is refused.

    With all its threads busy it leaves new connections to the other processes; gunicorn would let them wait here."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._busy = 0

    def enqueue_req(self, conn: Any) -> None:
        self._busy += 1
        if self._is_full():
            super().set_accept_enabled(False)
        super().enqueue_req(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        self._busy -= 1
        super().finish_request(conn, fs)

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled and not self._is_full())
        if not self.alive:
            # Otherwise whoever comes while uploads are finished waits for an answer that nobody will give.
            for listener in self.sockets:
                listener.close()

    def _is_full(self) -> bool:
        return bool(self._busy >= self.cfg.threads)

    def handle(self, conn: Any) -> Any:
        if not isinstance(conn.sock, Connection):
            conn.sock = Connection(fileno=conn.sock.detach())
        conn.sock.begin_request()
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        if req.version >= (1, 1) and all(name != "HOST" for name, _ in req.headers):
            # RFC 9112, 3.2: whoever is in between may have taken it for a request to another host.
            raise InvalidHeader("HOST", req)
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        super().handle_error(req, Reworded(client), addr, exc)
