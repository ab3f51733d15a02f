"""A whole Sluice behind docs/nginx.conf: the same service, over TLS, with media that nginx sends."""

import http.client
import json
import re
import signal
import ssl
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
import requests

from tests.e2e.nginx import Nginx, nginx_path
from tests.e2e.running import PASSWORD, Running, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(nginx_path() is None, reason="no nginx here; `sh backend/setup.sh nginx` fetches one"),
]

# What a player or a cache goes by, and what keeps other sites out.
TELLING = (
    "Content-Type",
    "Content-Length",
    "Content-Range",
    "Cache-Control",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Cross-Origin-Resource-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Content-Security-Policy",
)


class Behind(Running):
    """A Sluice that is reached through nginx."""

    def __init__(self, folder):
        super().__init__(folder, ACCEL="/.media", TRUSTED_PROXIES="127.0.0.1,::1", LOG_LEVEL="INFO")
        self.nginx = Nginx(self.folder / "nginx", self.port, self.folder / "data")
        self.url = self.nginx.url
        self.environment["SLUICE_PUBLIC_URL"] = self.url


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    one = Behind(tmp_path_factory.mktemp("behind"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(one.nginx.certificate))
        patch.setenv("AWS_CA_BUNDLE", str(one.nginx.certificate))
        one.nginx.start()
        try:
            yield one.start()
        finally:
            one.end()
            one.nginx.stop()


@pytest.fixture(scope="module")
def ann(running):
    return running.user("ann")


@pytest.fixture(scope="module")
def film(ann, clips):
    return ann.wait_end(ann.upload(clips / "short.mp4", title="A walk"))


@pytest.fixture(scope="module")
def secret(ann, clips):
    return ann.wait_end(ann.upload(clips / "short.mp4", title="Private", visibility="private"))


@pytest.fixture(scope="module")
def unproxied(running, film, tmp_path_factory):
    """The same data, served by a Sluice that sends its media itself."""
    one = Running(tmp_path_factory.mktemp("unproxied"), DATA=str(running.folder / "data"))
    one.process = subprocess.Popen([sys.executable, "-m", "sluice", "serve"], env=one.environment)
    until(one.answers, 30, "the second server answers")
    yield one
    one.stop(signal.SIGTERM)


def segment_of(video):
    """The address of a segment, found as a player finds it."""
    return follow(follow(video["playback"]["hls"], r"^(?!#).+m3u8$"), r"^(?!#).+m4s$")


def follow(playlist, pattern):
    answer = requests.get(playlist, timeout=5)
    assert answer.status_code == 200, answer.text
    return playlist.rsplit("/", 1)[0] + "/" + re.search(pattern, answer.text, re.MULTILINE)[0]


def told(answer):
    return {name: answer.headers.get(name) for name in TELLING}


# --- the service, as without it


def test_a_film_goes_all_the_way(film):
    assert film["status"] == "done"
    assert requests.get(segment_of(film), timeout=5).headers["Server"] == "nginx"


def test_the_site_and_its_policy_come_through(running):
    answer = requests.get(running.url, timeout=5)
    assert (answer.status_code, "script-src" in answer.headers["Content-Security-Policy"]) == (200, True)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_plain_http_leads_to_tls(running):
    answer = requests.get(f"http://localhost:{running.nginx.plain_port}/watch/?v=1", timeout=5, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://localhost/watch/?v=1")


# --- media


ASKED = [
    ("GET", {}),
    ("HEAD", {}),
    ("GET", {"Range": "bytes=10-19"}),
    ("GET", {"Range": "bytes=-5"}),
    ("OPTIONS", {}),
]


@pytest.mark.parametrize(("method", "headers"), ASKED)
@pytest.mark.parametrize("kind", ["master", "segment"])
def test_media_are_as_sluice_sends_them_itself(running, unproxied, film, kind, method, headers):
    address = {"master": film["playback"]["hls"], "segment": segment_of(film)}[kind]
    through = requests.request(method, address, headers=headers, timeout=5)
    itself = requests.request(method, address.replace(running.url, unproxied.url), headers=headers, timeout=5)
    assert (through.status_code, through.content) == (itself.status_code, itself.content)
    assert told(through) == told(itself)


def test_what_is_known_is_not_sent_again(film):
    address = segment_of(film)
    first = requests.get(address, timeout=5)
    again = requests.get(address, headers={"If-None-Match": first.headers["ETag"]}, timeout=5)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_range_beyond_the_end_is_refused(film):
    assert requests.get(segment_of(film), headers={"Range": "bytes=999999999-"}, timeout=5).status_code == 416


def test_private_media_open_to_their_pass_alone(running, secret):
    address = segment_of(secret)
    assert requests.get(address, timeout=5).headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert requests.get(re.sub("/~[^/]+", "", address), timeout=5).status_code == 404
    assert requests.get(address.replace("/~", "/~1"), timeout=5).status_code == 404


@pytest.mark.parametrize("start", ["/.media", "/media/../.media", "/media/%2e%2e/.media", "//.media"])
def test_nobody_gets_past_sluice_to_the_files(running, secret, start):
    path = re.sub("^/media/~[^/]+", "", urlsplit(segment_of(secret)).path)
    context = ssl.create_default_context(cafile=str(running.nginx.certificate))
    connection = http.client.HTTPSConnection("localhost", running.nginx.port, context=context, timeout=5)
    connection.request("GET", start + path)
    assert connection.getresponse().status == 404
    connection.close()


def test_addresses_of_media_are_in_no_log(running, secret):
    requests.get(segment_of(secret), timeout=5)
    requests.get(f"{running.url}/api/videos", timeout=5)
    log = running.nginx.folder / "access.log"
    until(lambda: "/api/videos" in log.read_text(), 5, "other requests are")
    assert "/media/" not in log.read_text()


def test_a_source_is_downloaded_and_its_address_is_in_no_log(running, ann, clips):
    video = ann.wait_end(ann.upload(clips / "text.mp4", title="No film"))
    address = ann.call("GET", f"/videos/{video['id']}/source").json()["url"]
    whole = requests.get(address, timeout=5)
    part = requests.get(address, headers={"Range": "bytes=5-11"}, timeout=5)
    log = running.nginx.folder / "access.log"

    assert whole.content == (clips / "text.mp4").read_bytes()
    assert (part.status_code, part.content) == (206, whole.content[5:12])
    until(lambda: f"/api/videos/{video['id']}/source" in log.read_text(), 5, "other requests are")
    assert "signature=" not in log.read_text()


def test_the_group_that_nginx_is_in_can_read_the_media_and_nothing_secret(running, film):
    data = running.folder / "data"
    media = [path.stat().st_mode & 0o050 for path in (data / "media" / film["id"]).rglob("*")]
    secrets = [path.stat().st_mode & 0o077 for path in [*(data / "keys").iterdir(), *data.glob("identity.db*")]]
    assert all(mode in (0o040, 0o050) for mode in media)
    assert set(secrets) == {0}


# --- uploads


def open_upload(running, ticket, size):
    """A connection whose upload of this size has begun with the form's fields; and what ends the form."""
    context = ssl.create_default_context(cafile=str(running.nginx.certificate))
    connection = http.client.HTTPSConnection("localhost", running.nginx.port, context=context, timeout=20)
    fields = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in ticket["fields"].items()
    )
    head = fields + '--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    tail = "\r\n--x--\r\n"
    connection.putrequest("POST", urlsplit(ticket["url"]).path)
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", str(len(head) + size + len(tail)))
    connection.endheaders(head.encode())
    return connection, tail.encode()


def test_an_upload_is_not_kept_by_nginx_first(running, ann):
    connection, tail = open_upload(running, ann.ticket(), 2_000_000)
    connection.send(b"x" * 1_000_000)
    unfinished = running.folder / "data" / "raw" / ".unfinished"
    until(lambda: sum(file.stat().st_size for file in unfinished.iterdir()) > 500_000, 10, "its bytes are with Sluice")
    connection.send(b"x" * 1_000_000 + tail)
    assert connection.getresponse().status == 204
    connection.close()


def test_a_forged_upload_is_refused_before_its_file_comes(running, ann):
    ticket = ann.ticket()
    ticket["fields"]["x-amz-signature"] = "0" * 64
    connection, _ = open_upload(running, ticket, 50_000_000)
    connection.send(b"x" * 2000)
    answer = connection.getresponse()
    assert (answer.status, b"SignatureDoesNotMatch" in answer.read()) == (403, True)
    connection.close()


def test_an_upload_that_is_too_large_is_refused_in_s3s_words(running, ann):
    connection, _ = open_upload(running, ann.ticket(), 200_000_000)
    connection.send(b"x" * 2000)
    answer = connection.getresponse()
    assert (answer.status, b"EntityTooLarge" in answer.read()) == (400, True)
    connection.close()


# --- who asks


def test_the_visitors_address_is_the_one_that_nginx_saw(running):
    """The outbox is for this machine alone: not for who only says so, and not for who comes by nginx."""
    said = {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"}
    assert requests.get(f"{running.url}/cognito/outbox", headers=said, timeout=5).status_code == 404
    assert requests.get(f"{running.url}/metrics", headers=said, timeout=5).status_code == 404
    assert requests.get(f"{running.direct}/metrics", timeout=5).status_code == 200


def sign_in(running, mail, password, visitor, **headers):
    """What the identity answers to a visitor at this address."""
    context = ssl.create_default_context(cafile=str(running.nginx.certificate))
    place = {"context": context, "source_address": (visitor, 0), "timeout": 10}
    connection = http.client.HTTPSConnection("127.0.0.1", running.nginx.port, **place)
    target = {"X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth", "Host": "localhost", **headers}
    given = {"USERNAME": mail, "PASSWORD": password}
    asked = {"ClientId": "sluicelocal", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": given}
    connection.request("POST", "/cognito", json.dumps(asked), target)
    answer = connection.getresponse().read().decode()
    connection.close()
    return answer


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has one loopback address only")
def test_guesses_are_counted_by_the_address_that_nginx_saw(running, ann):
    guesses = [sign_in(running, ann.mail, "Wrong-Horse-1", "127.0.0.2") for _ in range(21)]
    again = sign_in(running, ann.mail, PASSWORD, "127.0.0.2", **{"X-Forwarded-For": "127.0.0.3"})
    elsewhere = sign_in(running, ann.mail, PASSWORD, "127.0.0.3")
    assert "Incorrect username or password" in guesses[19]
    assert "Password attempts exceeded" in guesses[20]
    assert "Password attempts exceeded" in again
    assert "AccessToken" in elsewhere


def test_calls_are_limited_by_address(running):
    with requests.Session() as session:
        codes = {session.get(f"{running.url}/api/health", timeout=5).status_code for _ in range(400)}
    assert codes == {200, 429}


def test_while_sluice_is_away_nginx_says_so_and_when_it_is_back_goes_on(running, ann):
    running.stop(signal.SIGTERM)
    answer = requests.get(running.url, timeout=5)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    running.start()
    assert ann.call("GET", "/me/videos").status_code == 200
