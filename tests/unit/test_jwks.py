"""The issuer's keys: how often it is asked for them, how long they are trusted, and how they are fetched."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sluice.errors import Unauthenticated, Unavailable
from sluice.settings import Settings
from sluice.tokens import TokenCheck, http_jwks, jwks_url
from tests.signing import CLIENT, ISSUER, KEY, OTHER_KEY, Issuer, a_token, published

Check = Callable[[str], str]


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def check(issuer: Issuer) -> Check:
    tokens = TokenCheck(ISSUER, CLIENT, issuer.jwks, issuer.now)
    return lambda authorization: tokens.check(authorization).user_id


def refused(check: Check, token: str) -> bool:
    with pytest.raises(Unauthenticated):
        check(token)
    return True


def test_the_issuer_is_not_asked_again_for_a_key_that_is_known(issuer: Issuer, check: Check) -> None:
    assert [check(a_token()) for _ in range(20)] == ["ann"] * 20
    assert issuer.asked == 1


def test_a_storm_of_unknown_kids_asks_once_in_ten_seconds(issuer: Issuer, check: Check) -> None:
    check(a_token())
    assert all(refused(check, a_token(f"storm-{number}")) for number in range(50))
    assert issuer.asked == 2


def test_a_storm_of_unknown_kids_from_the_start_asks_once(issuer: Issuer, check: Check) -> None:
    assert all(refused(check, a_token(f"storm-{number}")) for number in range(50))
    assert issuer.asked == 1


def test_a_new_key_is_found_at_once(issuer: Issuer, check: Check) -> None:
    check(a_token())
    issuer.keys.append(published(OTHER_KEY, "k2"))
    assert check(a_token("k2", OTHER_KEY)) == "ann"


def test_a_new_key_is_found_after_a_storm_once_ten_seconds_have_passed(issuer: Issuer, check: Check) -> None:
    refused(check, a_token("k2", OTHER_KEY))
    issuer.keys.append(published(OTHER_KEY, "k2"))
    assert refused(check, a_token("k2", OTHER_KEY))
    issuer.forward(seconds=10)
    assert check(a_token("k2", OTHER_KEY)) == "ann"


def test_known_keys_are_served_while_the_issuer_is_down(issuer: Issuer, check: Check) -> None:
    check(a_token())
    issuer.down = True
    issuer.forward(minutes=30)
    assert [check(a_token()) for _ in range(20)] == ["ann"] * 20
    assert issuer.asked == 2


def test_unknown_kids_are_refused_while_the_issuer_is_down_and_it_is_asked_once(issuer: Issuer, check: Check) -> None:
    check(a_token())
    issuer.down = True
    assert all(refused(check, a_token(f"storm-{number}")) for number in range(20))
    assert issuer.asked == 2


def test_without_any_key_an_issuer_that_is_down_makes_us_unavailable(issuer: Issuer, check: Check) -> None:
    issuer.down = True
    with pytest.raises(Unavailable):
        check(a_token())
    with pytest.raises(Unavailable):
        check(a_token())
    assert issuer.asked == 1


def test_an_issuer_that_comes_back_is_asked_again_after_ten_seconds(issuer: Issuer, check: Check) -> None:
    issuer.down = True
    with pytest.raises(Unavailable):
        check(a_token())
    issuer.down = False
    issuer.forward(seconds=10)
    assert check(a_token()) == "ann"


def test_a_key_that_was_withdrawn_loses_its_trust_within_a_minute(issuer: Issuer, check: Check) -> None:
    check(a_token())
    issuer.keys = [published(OTHER_KEY, "k2")]
    issuer.forward(minutes=1)
    assert refused(check, a_token())


def test_keys_are_not_trusted_for_ever_without_hearing_of_the_issuer(issuer: Issuer, check: Check) -> None:
    check(a_token())
    issuer.down = True
    issuer.forward(hours=24)
    with pytest.raises(Unavailable):
        check(a_token())


def test_a_clock_set_back_does_not_hold_up_the_next_fetch(issuer: Issuer, check: Check) -> None:
    refused(check, a_token("k2", OTHER_KEY))
    issuer.keys.append(published(OTHER_KEY, "k2"))
    issuer.forward(days=-1)
    with pytest.raises(Unauthenticated):
        check(a_token("k2", OTHER_KEY))
    assert issuer.asked == 2


def test_threads_that_come_while_the_keys_are_fetched_cause_no_other_fetch(issuer: Issuer) -> None:
    asking, token = Crowd(16), a_token()

    def slowly() -> Any:
        asking.wait()
        return issuer.jwks()

    tokens = TokenCheck(ISSUER, CLIENT, slowly, issuer.now)

    def one(_: int) -> str:
        asking.join()
        return tokens.check(token).user_id

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(one, range(16)))
    assert answers == ["ann"] * 16
    assert issuer.asked == 1


class Crowd:
    """So many threads that can be waited for without holding them up."""

    def __init__(self, size: int) -> None:
        self._missing = size
        self._news = threading.Condition()

    def join(self) -> None:
        with self._news:
            self._missing -= 1
            self._news.notify_all()

    def wait(self) -> None:
        with self._news:
            assert self._news.wait_for(lambda: self._missing == 0, timeout=10)


def test_a_slow_refresh_holds_up_nobody_whose_key_is_known(issuer: Issuer) -> None:
    fetching, release = threading.Event(), threading.Event()

    def slowly() -> Any:
        if issuer.asked:
            fetching.set()
            release.wait(timeout=10)
        return issuer.jwks()

    tokens = TokenCheck(ISSUER, CLIENT, slowly, issuer.now)
    tokens.check(a_token())
    issuer.forward(minutes=5)
    with ThreadPoolExecutor(1) as pool:
        refreshing = pool.submit(tokens.check, a_token())
        assert fetching.wait(timeout=10)
        assert tokens.check(a_token()).user_id == "ann"
        assert not refreshing.done()
        release.set()


@pytest.mark.parametrize("answer", [{}, {"keys": None}, {"keys": {}}])
def test_an_answer_that_is_no_key_set_is_as_good_as_none(issuer: Issuer, answer: Any) -> None:
    with pytest.raises(Unavailable):
        TokenCheck(ISSUER, CLIENT, lambda: answer, issuer.now).check(a_token())


# --- over the web ---------------------------------------------------------------------------------------------------


@dataclass
class Site:
    """A web server with one page and one redirect."""

    url: str = ""
    body: bytes = json.dumps({"keys": [published(KEY)]}).encode()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            at_home = self.path == "/keys"
            self.send_response(site.status if at_home else 200)
            for name, value in site.headers.items() if at_home else ():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(site.body)

        def log_message(self, *words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    site.url = f"http://127.0.0.1:{server.server_port}/keys"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_keys_are_fetched_over_http(site: Site) -> None:
    assert http_jwks(site.url)()["keys"][0]["kid"] == "k1"


def test_a_redirect_within_the_web_is_followed(site: Site) -> None:
    site.status, site.headers = 302, {"Location": "/moved"}
    assert http_jwks(site.url)()["keys"][0]["kid"] == "k1"


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/k", "data:application/json,{}", "/keys"])
def test_redirects_off_the_web_or_in_circles_are_not_followed(site: Site, target: str) -> None:
    site.status, site.headers = 302, {"Location": target}
    with pytest.raises(Unavailable):
        http_jwks(site.url)()


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"{" * 9000, b'{"keys": NaN}', b" " * 300_000 + b"{}"])
def test_a_body_that_is_no_small_json_object_is_unavailable(site: Site, body: bytes) -> None:
    site.body = body
    with pytest.raises(Unavailable):
        http_jwks(site.url)()


@pytest.mark.parametrize("status", [404, 500])
def test_an_error_of_the_issuer_is_unavailable(site: Site, status: int) -> None:
    site.status = status
    with pytest.raises(Unavailable):
        http_jwks(site.url)()


def test_an_issuer_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        http_jwks("http://127.0.0.1:9/keys")()


def test_the_address_of_the_keys_follows_from_the_issuer_unless_it_is_set() -> None:
    given = Settings(external_issuer=ISSUER, jwks_url="https://keys.example.org/all.json")
    assert jwks_url(given) == "https://keys.example.org/all.json"
    assert jwks_url(Settings(external_issuer=ISSUER)) == f"{ISSUER}/.well-known/jwks.json"
