"""The whole of AWS, rehearsed: Terraform applies the real files to an emulator, the real package runs on its events.

The tests are one story and run in order: what one of them uploads, a later one watches or deletes."""

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
from pycognito.aws_srp import AWSSRP

from sluice.adapters.aws.dynamo import DynamoVideos
from sluice.adapters.aws.table import Table
from sluice.wiring import utc_now
from tests.e2e.encoding import AAC, X264, flash_and_beep, make
from tests.e2e.running import PASSWORD, User, until
from tests.hls import checker, reading
from tests.packages import the_package
from tests.rehearsal.cloud import PYTHON, a_cloud
from tests.rehearsal.terraform import Missing, Terraform
from tests.rehearsal.viewer import Refused, Viewer

pytestmark = pytest.mark.e2e

END_S = 120


class Rehearsal:
    """The account after `terraform apply`, and what is needed to use it."""

    def __init__(self, cloud, terraform, folder):
        self.cloud = cloud
        self.terraform = terraform
        self.folder = folder
        self.outputs = terraform.outputs()
        self.log = folder / "sluice-api.log"
        gateway = cloud.client("apigatewayv2").get_apis()["Items"][0]["ApiId"]
        self.url = f"{cloud.endpoint}/_aws/execute-api/{gateway}/$default"
        # Its issuer's address is AWS's own; here the keys are at the emulator's.
        cloud.boxes.surround(SLUICE_JWKS_URL=f"{cloud.endpoint}/{self.outputs['user_pool_id']}/.well-known/jwks.json")
        self.viewer = Viewer(cloud, {kind: self.bucket(kind) for kind in ("site", "media")})

    def bucket(self, kind):
        names = [one["Name"] for one in self.cloud.client("s3").list_buckets()["Buckets"]]
        return next(name for name in names if name.endswith(f"-{kind}"))

    def objects_of(self, video_id):
        """Every version of every object of the video."""
        found = [self._versions("raw", video_id), self._versions("media", f"media/{video_id}/")]
        return [key for keys in found for key in keys]

    def _versions(self, kind, prefix):
        found = self.cloud.client("s3").list_object_versions(Bucket=self.bucket(kind), Prefix=prefix)
        return [one["Key"] for one in (*found.get("Versions", ()), *found.get("DeleteMarkers", ()))]

    def rows(self):
        found = self.cloud.client("dynamodb").scan(TableName="sluice-videos")["Items"]
        return sorted(one["pk"]["S"] for one in found)

    def let_hours_pass(self, video_id, hours):
        """Make the row as old as if it had been written so much earlier."""
        table = Table(self.cloud.client, "sluice-videos")
        video = DynamoVideos(table, utc_now).get(video_id)
        earlier = {name: getattr(video, name) - timedelta(hours=hours) for name in ("expires_at", "due_at")}
        DynamoVideos(table, utc_now).save(replace(video, **earlier))

    def sweep(self):
        """Do now what happens every minute."""
        return self.cloud.invoke("sweep", {"source": "aws.events", "detail-type": "Scheduled Event"})

    def send(self, lane, body):
        self.cloud.client("sqs").send_message(QueueUrl=self.queue(lane), MessageBody=body)

    def queue(self, name):
        return self.cloud.client("sqs").get_queue_url(QueueName=f"sluice-{name}")["QueueUrl"]

    @contextmanager
    def impatient(self, lane):
        """Inside the `with`, what failed comes again at once, and not minutes later."""
        sqs, url = self.cloud.client("sqs"), self.queue(lane)
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
        yield
        sqs.set_queue_attributes(QueueUrl=url, Attributes=found)

    def dead(self, lane):
        """Bodies of the lane's dead letters."""
        sqs, url = self.cloud.client("sqs"), self.queue(f"{lane}-dead")
        return [one["Body"] for one in sqs.receive_message(QueueUrl=url, VisibilityTimeout=0).get("Messages", ())]


class Subject(User):
    """Somebody who signed up at the pool, and signs in as browsers do."""

    def __init__(self, rehearsal, mail):
        self.running = rehearsal
        self.mail = mail
        self._cognito = rehearsal.cloud.client("cognito-idp")
        self._pool = {
            "pool_id": rehearsal.outputs["user_pool_id"],
            "client_id": rehearsal.outputs["user_pool_client_id"],
        }
        self.sign_up()
        self.token = self.sign_in()

    def sign_up(self):
        attributes = [{"Name": "email", "Value": self.mail}, {"Name": "name", "Value": self.mail.split("@")[0].title()}]
        self._cognito.sign_up(
            ClientId=self._pool["client_id"], Username=self.mail, Password=PASSWORD, UserAttributes=attributes
        )
        # The code is in a mail that nobody gets.
        self._cognito.admin_confirm_sign_up(UserPoolId=self._pool["pool_id"], Username=self.mail)

    def sign_in(self):
        proof = AWSSRP(username=self.mail, password=PASSWORD, client=self._cognito, **self._pool)
        return proof.authenticate_user()["AuthenticationResult"]["AccessToken"]


@pytest.fixture(scope="module")
def terraform_and_cloud(tmp_path_factory):
    """Terraform, ready, and the empty account; skipped where the provider or the emulator can't be had."""
    if not PYTHON.exists():
        pytest.skip("no emulator; make rehearse installs it")
    folder = tmp_path_factory.mktemp("rehearsal")
    with a_cloud(the_package(), folder) as cloud:
        try:
            terraform = Terraform(
                tmp_path_factory.mktemp("terraform"), the_package(), cloud.environ, folder / "terraform.log"
            )
            terraform.init()
        except Missing as missing:
            pytest.skip(f"no rehearsal without Terraform and its aws provider: {missing}")
        yield terraform, cloud, folder


@pytest.fixture(scope="module")
def aws(terraform_and_cloud):
    terraform, cloud, folder = terraform_and_cloud
    terraform.validate()
    terraform.apply()
    return Rehearsal(cloud, terraform, folder)


@pytest.fixture(scope="module")
def ann(aws):
    return Subject(aws, "ann@example.org")


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return make(tmp_path_factory.mktemp("clip") / "film.mp4", *flash_and_beep(10), *X264, *AAC)


@pytest.fixture(scope="module")
def film(ann, clip):
    """A film that was uploaded, encoded and published."""
    return ann.wait_end(ann.upload(clip), END_S)


def test_a_second_plan_is_empty(aws):
    code, plan = aws.terraform.plan()

    assert (code, plan if code else "") == (0, "")


def test_the_site_finds_out_where_it_is(aws):
    config = json.loads(aws.viewer.get("/config.json"))

    assert config["backend"] == "aws"
    assert config["publicUrl"] == aws.outputs["site_url"]
    assert config["userPoolClientId"] == aws.outputs["user_pool_client_id"]
    assert b"<title>" in aws.viewer.get("/watch/")


def test_nobody_gets_a_ticket_without_a_token(aws):
    assert requests.post(f"{aws.url}/api/uploads", json={}, timeout=30).status_code == 401


def test_a_form_takes_only_what_it_was_made_for(ann, clip):
    ticket = ann.ticket(filename="film.mp4")
    ticket["fields"]["x-amz-meta-user-id"] = "mallory"

    assert ann.post_file(ticket, clip).status_code == 403


def test_an_upload_becomes_a_film(film):
    assert (film["status"], film["error"], film["owner"]) == ("done", None, "Ann")
    assert (round(film["duration"]), film["width"], film["height"]) == (10, 640, 360)


def test_the_film_is_in_the_public_list(aws, film):
    items = requests.get(f"{aws.url}/api/videos", timeout=30).json()["items"]

    assert [one["id"] for one in items] == [film["id"]]


def test_anybody_can_watch_it_as_if_it_came_from_one_machine(aws, film, tmp_path):
    master = reading.mirror(film["playback"]["hls"], tmp_path, aws.viewer.get)

    assert checker.problems(master) == []
    assert aws.viewer.get(film["playback"]["thumbnail"])[:3] == b"\xff\xd8\xff"


def test_nobody_reaches_media_without_a_pass(aws, film):
    with pytest.raises(Refused, match="404"):
        aws.viewer.get(f"/media/{film['id']}/1/master.m3u8")


def test_the_source_is_gone_when_the_film_is_done(aws, film):
    assert film["id"] not in aws.objects_of(film["id"])


@pytest.fixture(scope="module")
def no_film(ann, tmp_path_factory):
    """The file, and the video that it could not become."""
    file = tmp_path_factory.mktemp("no-film") / "Für Anna.mp4"
    file.write_bytes(b"not a film" * 1000)
    return file, ann.wait_end(ann.upload(file), END_S)


def test_what_is_no_film_fails_with_a_reason(no_film):
    _, video = no_film

    assert (video["status"], video["error"]["code"]) == ("failed", "not_a_video")


def test_its_owner_gets_the_file_back_under_its_own_name(ann, no_film):
    file, video = no_film
    told = ann.call("GET", f"/videos/{video['id']}/source").json()
    got = requests.get(told["url"], timeout=30)

    assert (got.status_code, got.content) == (200, file.read_bytes())
    assert got.headers["Content-Disposition"].endswith("filename*=UTF-8''F%C3%BCr%20Anna.mp4")


def test_nobody_gets_it_by_an_address_that_was_changed(ann, no_film):
    told = ann.call("GET", f"/videos/{no_film[1]['id']}/source").json()
    other = told["url"].replace("attachment", "inline", 1)

    assert other != told["url"]
    assert requests.get(other, timeout=30).status_code == 403


def test_a_source_that_went_with_the_encode_is_told(ann, film):
    answer = ann.call("GET", f"/videos/{film['id']}/source")

    assert (answer.status_code, answer.json()["code"]) == (409, "source_gone")


@pytest.mark.parametrize(("status", "code"), [("ERROR", "damaged"), ("CANCELED", "encode_canceled")])
def test_a_job_that_ends_badly_fails_the_film(aws, ann, clip, status, code):
    with aws.cloud.encoder.jobs.ending(status):
        video = ann.wait_end(ann.upload(clip), END_S)

    assert (video["status"], video["error"]["code"]) == ("failed", code)


def test_a_message_that_nobody_understands_ends_as_a_dead_letter(aws):
    with aws.impatient("encodes"):
        aws.send("encodes", "poison")

        assert until(lambda: aws.dead("encodes"), END_S, "the dead letter") == ["poison"]


def test_a_lost_end_is_found_by_the_sweep(aws, ann, clip):
    with aws.cloud.encoder.jobs.unheard():
        video_id = ann.upload(clip)
        ann.wait(video_id, lambda video: video["progress"]["stage"] == "encoding", END_S)
        until(aws.cloud.encoder.jobs.all_ended, END_S, "the job's end")
    aws.let_hours_pass(video_id, 1)
    aws.sweep()

    ann.wait(video_id, lambda video: video["status"] == "done", END_S)


def test_a_deleted_film_leaves_no_object_and_no_row(aws, ann, film):
    assert ann.call("DELETE", f"/videos/{film['id']}").status_code == 204
    until(lambda: not aws.objects_of(film["id"]), END_S, "the objects to go")
    aws.let_hours_pass(film["id"], 3)

    def forgotten():
        aws.sweep()
        return film["id"] not in aws.rows()

    assert until(forgotten, END_S, "the row to go")


def test_no_function_was_refused_anything_and_no_secret_is_logged(aws, ann):
    logs = "".join(aws.cloud.boxes.log(name) for name in aws.cloud.boxes.names())

    assert "AccessDenied" not in logs
    assert ann.token not in logs
    assert "X-Amz-Signature" not in logs


def test_nothing_is_left_in_the_end(aws):
    aws.terraform.destroy()

    assert aws.cloud.left() == {}
