"""From sign-up to deletion, through real processes."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from pycognito import Cognito

from tests.e2e.running import PASSWORD, until
from tests.hls import checker, reading

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def ann(running):
    return running.user("ann")


@pytest.fixture(scope="module")
def bob(running):
    return running.user("bob")


@pytest.fixture(scope="module")
def film(ann, clips):
    """A finished public video of Ann's."""
    video_id = ann.upload(clips / "flash.mp4", "Flash")
    return ann.wait_end(video_id)


def test_an_upload_is_done_and_its_stream_keeps_apples_rules(film, tmp_path):
    assert (film["status"], film["error"], film["width"], film["height"]) == ("done", None, 640, 360)
    assert abs(film["duration"] - 10) < 0.1
    assert checker.problems(reading.mirror(film["playback"]["hls"], tmp_path)) == []
    assert requests.get(film["playback"]["thumbnail"], timeout=5).content[:3] == b"\xff\xd8\xff"


def test_everybody_finds_it_in_the_public_list(film, running, bob):
    listed = requests.get(f"{running.url}/api/videos", timeout=5).json()["items"]
    assert [(video["title"], video["owner"]) for video in listed] == [("Flash", "Ann")]
    assert bob.video(film["id"])["status"] == "done"


def test_it_plays_while_it_is_still_being_encoded(ann, clips):
    video_id = ann.upload(clips / "long.mp4", visibility="unlisted")
    early = ann.wait(video_id, lambda video: video["playable"])
    playlist = requests.get(early["playback"]["hls"].replace("master", "360/index"), timeout=5)
    assert early["status"] == "processing"
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in playlist.text
    assert "#EXT-X-ENDLIST" not in playlist.text
    assert playlist.headers["Cache-Control"] == "public, max-age=1"
    assert ann.wait_end(video_id)["status"] == "done"
    ended = requests.get(early["playback"]["hls"].replace("master", "360/index"), timeout=5)
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in ended.text
    assert ended.text.endswith("#EXT-X-ENDLIST\n")


def test_a_file_that_is_no_video_fails_with_a_sentence(ann, clips):
    video = ann.wait_end(ann.upload(clips / "text.mp4"))
    assert (video["status"], video["error"]["code"]) == ("failed", "not_a_video")
    assert video["error"]["detail"].startswith("This is not a video file")


def test_a_private_video_is_its_owners_alone(ann, bob, clips, running):
    video = ann.wait_end(ann.upload(clips / "short.mp4", visibility="private"))
    plain = f"{running.url}/media/{video['id']}/1/master.m3u8"
    assert requests.get(video["playback"]["hls"], timeout=5).status_code == 200
    assert requests.get(plain, timeout=5).status_code == 404
    listed = requests.get(f"{running.url}/api/videos", timeout=5).json()["items"]
    assert video["id"] not in [other["id"] for other in listed]
    assert bob.call("GET", f"/videos/{video['id']}").status_code == 404
    assert bob.call("DELETE", f"/videos/{video['id']}").status_code == 404


def test_a_deleted_video_leaves_nothing_behind(ann, clips, running):
    video = ann.wait_end(ann.upload(clips / "short.mp4"))
    assert ann.call("DELETE", f"/videos/{video['id']}").status_code == 204
    assert requests.get(video["playback"]["hls"], timeout=5).status_code == 404
    assert ann.call("GET", f"/videos/{video['id']}").status_code == 404
    assert video["id"] not in [mine["id"] for mine in ann.call("GET", "/me/videos").json()["items"]]
    until(lambda: not [path for path in running.files() if video["id"] in str(path)], 10, "no file is left")


def test_a_replayed_form_changes_nothing(ann, clips, film):
    ticket = ann.ticket(filename="a.mp4", title="First")
    assert ann.post_file(ticket, clips / "short.mp4").status_code == 204
    before = ann.wait_end(ticket["id"])
    replay = ann.post_file(ticket, clips / "text.mp4")
    assert replay.status_code == 412
    assert "<Code>PreconditionFailed</Code>" in replay.text
    assert ann.video(ticket["id"]) == before


def test_a_user_who_leaves_takes_their_videos_along(running, clips):
    carol = running.user("carol")
    video = carol.wait_end(carol.upload(clips / "short.mp4", visibility="unlisted"))
    carol.leave()
    until(lambda: requests.get(video["playback"]["hls"], timeout=5).status_code == 404, 10, "the video is gone")
    until(lambda: not [path for path in running.files("media") if video["id"] in str(path)], 10, "no file is left")


def test_a_real_srp_client_signs_in_to_the_running_service(running, ann):
    pool = requests.get(f"{running.url}/config.json", timeout=5).json()
    client = Cognito(
        pool["userPoolId"],
        pool["userPoolClientId"],
        user_pool_region="us-east-1",
        username=ann.mail,
        boto3_client_kwargs={"endpoint_url": f"{running.url}/cognito"},
    )
    client.authenticate(password=PASSWORD)
    headers = {"Authorization": f"Bearer {client.access_token}"}
    assert requests.get(f"{running.url}/api/me/videos", headers=headers, timeout=5).status_code == 200


def test_a_second_start_finds_everything(new_running, clips):
    first = new_running()
    ann = first.user()
    video = ann.wait_end(ann.upload(clips / "short.mp4"))
    first.stop()
    first.start()
    assert ann.video(video["id"]) == video
    assert ann.sign_in()


@pytest.fixture
def issuer():
    """Another identity provider: a key, and its JWKS on a loopback server."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), "kid": "k1", "alg": "RS256"}

    class Jwks(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"keys": [jwk]}).encode())

        def log_message(self, *words):
            pass

    server = HTTPServer(("127.0.0.1", 0), Jwks)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield key, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_another_issuer_can_be_trusted_instead(new_running, issuer):
    key, url = issuer
    running = new_running(ISSUER=f"{url}/pool", CLIENT_ID="tester", JWKS_URL=f"{url}/jwks.json")
    claims = {"sub": "zoe", "iss": f"{url}/pool", "client_id": "tester", "token_use": "access", "exp": 4_000_000_000}
    token = jwt.encode(claims, key, "RS256", headers={"kid": "k1"})
    headers = {"Authorization": f"Bearer {token}"}
    ticket = requests.post(f"{running.url}/api/uploads", headers=headers, json={}, timeout=5)
    assert ticket.status_code == 201
    assert ticket.json()["fields"]["x-amz-meta-user-id"] == "zoe"
    assert requests.get(f"{running.url}/cognito/outbox", timeout=5).status_code == 404
