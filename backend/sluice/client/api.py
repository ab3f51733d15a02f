"""The calls of Sluice's API that a command needs, as the signed-in user or as anybody."""

import json
import time
from collections.abc import Callable, Iterator
from secrets import token_hex
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from .answers import Page, Refused, Source, Status, Ticket, Video, understood
from .exchange import Answer, exchange
from .retries import Patience
from .server import Server
from .sessions import Sessions, may_travel
from .sign_in import Accounts
from .troubles import NoSuchVideo, NotSignedIn, Refusal, Trouble, Unreachable

T = TypeVar("T")
Json = dict[str, Any]

_PAGE = 100
_RENEW_BEFORE_S = 60.0


class Tokens(Protocol):
    """Where the access token comes from; `if_refused` names it, with what to do where it is not taken."""

    if_refused: str

    def current(self) -> str | None:
        """A token that is still valid as far as we know; None if nobody is signed in."""

    def renewed(self, refused: str) -> str | None:
        """Another token than the one that was refused; None if there is none to be had."""


class GivenToken:
    """The token in SLUICE_TOKEN. Trouble where no header can carry it."""

    if_refused = "the token in SLUICE_TOKEN; set one that is valid, or unset it and run `sluice login`"

    def __init__(self, token: str) -> None:
        if not may_travel(token):
            raise Trouble("SLUICE_TOKEN holds what is in no token; set one that is valid, or unset it")
        self._token = token

    def current(self) -> str | None:
        return self._token

    def renewed(self, refused: str) -> str | None:
        return None


class KeptTokens:
    """The tokens of the session at this server, renewed when they have run out."""

    if_refused = "this sign-in; run `sluice login`"

    def __init__(
        self, sessions: Sessions, server: Server, accounts: Accounts, clock: Callable[[], float] = time.time
    ) -> None:
        self._sessions = sessions
        self._server = server
        self._accounts = accounts
        self._clock = clock

    def current(self) -> str | None:
        session = self._sessions.get(self._server.address)
        if session is None:
            return None
        if self._clock() < session.expires_at - _RENEW_BEFORE_S:
            return session.access
        return self.renewed(session.access)

    def renewed(self, refused: str) -> str | None:
        with self._sessions.locked():
            session = self._sessions.get(self._server.address)
            if session is None:
                return None
            # Another command may have renewed it while this one waited for the lock.
            if session.access == refused:
                session = self._accounts.refreshed(session)
                self._sessions.keep(self._server.address, session)
        return session.access


class Api:
    """Calls that are repeated where the line breaks, which never does anything twice.

    NotSignedIn, NoSuchVideo, Refusal, Unreachable."""

    def __init__(self, server: Server, tokens: Tokens, patience: Patience) -> None:
        self.server = server
        self._tokens = tokens
        self._patience = patience

    def hurried(self) -> "Api":
        """The same calls, given up soon."""
        return Api(self.server, self._tokens, self._patience.hurried())

    def ticket(self, filename: str, size: int, key: str) -> Ticket:
        """Leave to upload this file; the same leave for the same key."""
        return self._create(Ticket, "/uploads", {"filename": filename, "size": size}, key)

    def publish(self, video_id: str, title: str, description: str, visibility: str) -> Video:
        """The uploaded file as a video."""
        named = {"id": video_id, "title": title, "description": description, "visibility": visibility}
        return self._create(Video, "/videos", named)

    def video(self, video_id: str) -> Video:
        return understood(self._call("GET", f"/videos/{video_id}").json(), Video)

    def status(self, video_id: str) -> Status:
        return understood(self._call("GET", f"/videos/{video_id}/status").json(), Status)

    def source(self, video_id: str) -> Source:
        """Where the uploaded file can be fetched, and its name."""
        return understood(self._call("GET", f"/videos/{video_id}/source", need_user=True).json(), Source)

    def edit(self, video_id: str, changes: Json) -> Video:
        return understood(self._call("PATCH", f"/videos/{video_id}", changes).json(), Video)

    def delete(self, video_id: str) -> None:
        self._call("DELETE", f"/videos/{video_id}")

    def retry(self, video_id: str) -> Video:
        return self._create(Video, f"/videos/{video_id}/retry", None)

    def videos(self, *, public: bool, limit: int) -> Iterator[Video]:
        """Videos, newest first: everybody's finished public ones, or the user's own in every state; 0 is all."""
        path, cursor, left = "/videos" if public else "/me/videos", None, limit or -1
        while left:
            asked = {"limit": min(_PAGE, left) if left > 0 else _PAGE, **({"cursor": cursor} if cursor else {})}
            page = understood(self._call("GET", f"{path}?{urlencode(asked)}", need_user=not public).json(), Page)
            yield from page["items"]
            left, cursor = left - len(page["items"]), page["nextCursor"]
            if cursor is None:
                return

    def _create(self, kind: type[T], path: str, body: Json | None, key: str | None = None) -> T:
        return understood(self._call("POST", path, body, {"Idempotency-Key": key or token_hex(16)}).json(), kind)

    def _call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        headers: dict[str, str] | None = None,
        *,
        need_user: bool | None = None,
    ) -> Answer:
        # What everybody may see is there for those, too, whose session is over.
        token = self._tokens.current() if need_user is not False else None
        if token is None and (need_user if need_user is not None else method != "GET"):
            raise NotSignedIn(f"nobody is signed in at {self.server.address}; run `sluice login`")
        answer = self._sent(method, path, body, headers or {}, token)
        if answer.status == 401 and token and (another := self._tokens.renewed(token)):
            answer = self._sent(method, path, body, headers or {}, another)
        return self._judged(answer)

    def _sent(self, method: str, path: str, body: Json | None, headers: dict[str, str], token: str | None) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        all_headers = {
            **headers,
            **({"Authorization": f"Bearer {token}"} if token else {}),
            **({"Content-Type": "application/json"} if content else {}),
        }
        return self._patience(lambda: exchange(method, self.server.api(path), all_headers, content))

    def _judged(self, answer: Answer) -> Answer:
        if answer.ok and answer.body and not answer.json():
            raise Trouble(f"{self.server.address} answers with something else than Sluice would")
        if answer.ok:
            return answer
        if answer.status == 401:
            raise NotSignedIn(f"{self.server.address} does not take {self._tokens.if_refused}")
        if answer.status == 404:
            raise NoSuchVideo("there is no such video, or it is not yours to see")
        problem = self._problem(answer)
        if answer.status >= 500 and answer.status != 507:
            raise Unreachable(problem["detail"])
        fields = [f"{one['field']}: {one['message']}" for one in problem.get("errors") or []]
        raise Refusal(answer.status, problem["code"], " ".join(fields) or problem["detail"])

    def _problem(self, answer: Answer) -> Refused:
        try:
            return understood(answer.json(), Refused)
        except Trouble:
            # A proxy before it says no in words of its own.
            words = f"{self.server.address} answers with status {answer.status}"
            return {"code": str(answer.status), "detail": words}
