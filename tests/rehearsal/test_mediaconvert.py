"""Orders through the adapter to a MediaConvert that really encodes, and on to `done`; S3 is moto's."""

import json
import queue
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from sluice import flow, layout, library, uploads
from sluice.adapters.aws.clients import Clients
from sluice.adapters.aws.mediaconvert import MediaConvertEncoder
from sluice.adapters.aws.mediaconvert_order import request
from sluice.adapters.aws.s3 import S3Objects
from sluice.adapters.aws.table import Table
from sluice.adapters.presigned_post import FormSigner
from sluice.entry import aws_events
from sluice.messages import EncodeProgressed, SourceArrived
from sluice.settings import Settings
from sluice.video import Status
from sluice.wiring.local import local_home
from tests.e2e.encoding import AAC, X264, flash_and_beep, make, picture, tone
from tests.hls import checker, measuring, reading
from tests.making import ANN
from tests.media.make import moved_by
from tests.orders import ORDER
from tests.rehearsal.mediaconvert import MediaConvert, serving

pytestmark = pytest.mark.e2e

WAIT_S = 120
ROLE = "arn:aws:iam::123456789012:role/encoder"


class Home:
    """A home whose uploads and media lie in S3, and whose encoder is MediaConvert."""

    def __init__(self, folder, clients):
        self.folder = folder
        self.clients = clients
        self.events = queue.Queue()
        self.news = []
        clients("s3").create_bucket(Bucket="raw")
        clients("s3").create_bucket(Bucket="media")
        key = {"AttributeName": "pk", "KeyType": "HASH"}
        clients("dynamodb").create_table(
            TableName="videos",
            KeySchema=[key],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.queue = clients("mediaconvert").create_queue(Name="sluice")["Queue"]["Arn"]
        self.app = self._app(local_home(Settings(data=folder / "home", external_issuer="https://issuer.example.org")))

    def _app(self, home):
        media = S3Objects(self.clients, "media")
        places = {"role": ROLE, "queue": self.queue, "sources_bucket": "raw", "media_bucket": "media"}
        table = Table(self.clients, "videos")
        encoder = MediaConvertEncoder(self.clients, table, media=media, now=home.app.now, **places)
        forms = FormSigner("raw", lambda: self.clients("s3"), now=home.app.now)
        return replace(home.app, sources=S3Objects(self.clients, "raw", forms=forms), media=media, encoder=encoder)

    def begin(self, clip):
        """A published video whose source has arrived and whose encode was ordered."""
        video = uploads.issue_ticket(self.app, ANN, filename=clip.name, size=None, title="A film").video
        self.clients("s3").upload_file(str(clip), "raw", video.id, ExtraArgs={"Metadata": {"user-id": ANN}})
        flow.handle(self.app, SourceArrived(video.id))
        return self.video(video)

    def end(self, video):
        """The video as it is once its job has ended and all news of it was heard."""
        while self.video(video).status is Status.PROCESSING:
            self.hear()
        return self.video(video)

    def hear(self):
        """Handle the next event as the queue's worker does."""
        event = self.events.get(timeout=WAIT_S)
        for message in aws_events.parse(json.dumps(event)):
            self.news.append(message)
            flow.handle(self.app, message)

    def hear_all(self, job):
        """Handle events until one tells that the job has ended."""
        while self.app.encoder.end_of("", 0, job) is None:
            self.hear()

    def encoded(self, clip):
        """A video that was encoded to its end, and its stream on disk, which keeps all rules."""
        video = self.end(self.begin(clip))
        assert (video.status, video.failure) == (Status.DONE, None)
        master = self.mirror(video)
        assert checker.problems(master) == []
        return video, master

    def mirror(self, video):
        """The path of the master, in a copy of everything that the last attempt published."""
        prefix = layout.attempt_prefix(video.id, video.attempt)
        for key, _ in self.app.media.list(prefix):
            target = self.folder / key
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.app.media.read(key, max_bytes=64 << 20))
        return self.folder / prefix / layout.MASTER

    def video(self, video):
        return self.app.videos.get(video.id)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        heard = []
        service = MediaConvert(Clients(), lambda event: heard[0].events.put(event))
        with serving(service) as address:
            monkeypatch.setenv("AWS_ENDPOINT_URL_MEDIACONVERT", address)
            heard.append(Home(tmp_path, Clients()))
            yield heard[0]


def names(master):
    return [line for line in master.read_text().splitlines() if not line.startswith("#")]


# --- done -------------------------------------------------------------------------------------------------------


def test_an_upload_is_encoded_to_done_and_its_stream_keeps_the_rules(home, tmp_path):
    clip = make(tmp_path / "plain.mp4", *flash_and_beep(10), *X264, *AAC)
    video, master = home.encoded(clip)
    assert [rung.name for rung in video.facts.renditions] == ["360", "240"]
    assert [rung.codecs for rung in video.facts.renditions] == ["avc1.64001e,mp4a.40.2", "avc1.640015,mp4a.40.2"]
    assert names(master) == ["360/index.m3u8", "240/index.m3u8"]
    assert [round(one, 3) for one in reading.media(master.parent / "240/index.m3u8").durations[:2]] == [4.004, 4.004]
    assert measuring.track(master.parent / "360/index.m3u8").frames == 300


def test_picture_and_sound_are_in_step(home, tmp_path):
    _, master = home.encoded(make(tmp_path / "sync.mp4", *flash_and_beep(6), *X264, *AAC))
    flashes = measuring.flashes(master.parent / "240/index.m3u8")
    beeps = measuring.beeps(master.parent / "audio/index.m3u8")
    assert len(flashes) == 5
    assert flashes == pytest.approx(beeps[:5], abs=0.04)


def test_what_the_api_says_of_it_is_what_it_says_at_home(home, tmp_path):
    video, master = home.encoded(make(tmp_path / "plain.mp4", *picture(3), *tone(3), *X264, *AAC))
    found = library.playback(home.app, video)
    assert found.hls.endswith(f"{video.id}/1/master.m3u8")
    assert found.thumbnail.endswith(f"{video.id}/1/thumbnail.jpg")
    assert measuring.size(master.parent / "thumbnail.jpg") == (640, 360)
    assert home.app.sources.head(video.id) is None


def test_the_thumbnail_is_not_the_black_of_the_beginning(home, tmp_path):
    black = "testsrc2=s=640x360:r=25:d=8,drawbox=c=black:t=fill:enable='lt(t,1.5)'"
    _, master = home.encoded(make(tmp_path / "fade.mp4", "-f", "lavfi", "-i", black, *X264))
    assert measuring.brightness(master.parent / "thumbnail.jpg") > 60


def test_the_job_tells_what_the_event_of_its_end_told(home, tmp_path):
    video = home.begin(make(tmp_path / "plain.mp4", *flash_and_beep(6), *X264, *AAC))
    home.end(video)
    end = home.app.encoder.end_of(video.id, 1, video.job)
    assert end == home.news[-1]
    assert end.seconds == pytest.approx(6, abs=0.1)


def test_progress_is_told_on_the_way(home, tmp_path):
    home.encoded(make(tmp_path / "plain.mp4", *picture(3), *X264))
    percents = [one.percent for one in home.news if isinstance(one, EncodeProgressed)]
    assert percents == sorted(percents)
    assert len(set(percents)) > 2


def test_a_silent_video_has_no_audio_group(home, tmp_path):
    video, master = home.encoded(make(tmp_path / "silent.mp4", *picture(2), *X264))
    assert not video.facts.has_audio
    assert "AUDIO" not in master.read_text()


def test_a_turned_clip_with_one_channel_and_uneven_frames_is_put_right(home, tmp_path):
    uneven = "select='if(lt(t,2),not(mod(n,2)),1)'"
    words = (*picture(4, rate="60"), *tone(4, channels=1), "-vf", uneven, "-fps_mode", "vfr", *X264, *AAC)
    clip = make(tmp_path / "turned.mp4", *words)
    clip.write_bytes(moved_by(0, 1, -1, 0)(clip.read_bytes()))
    video, master = home.encoded(clip)
    assert {"rotated", "variable_frame_rate"} <= set(video.facts.repairs)
    assert measuring.size(master.parent / "360/index.m3u8") == (360, 640)
    assert measuring.track(master.parent / "audio/index.m3u8").stream["channels"] == 2


def test_hdr_becomes_sdr_that_is_neither_dark_nor_pale(home, tmp_path):
    tags = ("-vf", "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc")
    x265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p10le")
    video, master = home.encoded(make(tmp_path / "hdr.mp4", *picture(2, rate="24"), *x265, *tags))
    assert "hdr_to_sdr" in video.facts.repairs
    assert 40 < measuring.brightness(master.parent / "thumbnail.jpg") < 220


def test_interlaced_frames_with_wide_pixels_become_whole_and_square(home, tmp_path):
    woven = ("-vf", "tinterlace=4,setsar=16/15", "-flags", "+ildct+ilme", "-c:v", "mpeg2video", "-b:v", "4M")
    video, _ = home.encoded(make(tmp_path / "woven.mpg", *picture(4, "720x576", "50"), *woven))
    assert {"deinterlaced", "non_square_pixels"} <= set(video.facts.repairs)
    assert (video.facts.width, video.facts.height) == (768, 576)


@pytest.mark.parametrize("late", ["video", "audio"])
def test_what_starts_late_stays_as_late_as_it_was(home, tmp_path, late):
    sync = make(tmp_path / "sync.mp4", *flash_and_beep(5, rate="25"), *X264, *AAC)
    order = ("-map", "0:v", "-map", "1:a") if late == "video" else ("-map", "1:v", "-map", "0:a")
    clip = make(tmp_path / "late.mp4", "-itsoffset", "1.4", "-i", sync, "-i", sync, *order, "-c", "copy")
    video, master = home.encoded(clip)
    assert f"late_{late}" in video.facts.repairs
    begins_s = measuring.track(master.parent / "360/index.m3u8").start_s
    flashes = [one - begins_s for one in measuring.flashes(master.parent / "360/index.m3u8")]
    assert flashes == pytest.approx(measuring.flashes(clip), abs=0.05)


# --- other ends -------------------------------------------------------------------------------------------------


def test_a_file_that_can_not_be_opened_fails_the_job(home):
    home.clients("s3").put_object(Bucket="raw", Key=ORDER.video_id, Body=b"This is no film.")
    job = home.app.encoder.submit(ORDER)
    home.hear_all(job)
    assert home.app.encoder.end_of(ORDER.video_id, 1, job).code == "damaged"


def test_a_source_that_is_not_there_fails_the_job(home):
    job = home.app.encoder.submit(ORDER)
    home.hear_all(job)
    assert home.app.encoder.end_of(ORDER.video_id, 1, job).code == "encoder_denied"


def test_the_job_of_a_source_that_is_replaced_is_cancelled_and_leaves_nothing(home, tmp_path):
    video = home.begin(make(tmp_path / "short.mp4", *picture(20), *X264))
    other = make(tmp_path / "long.mp4", *picture(60), *X264)
    home.clients("s3").upload_file(str(other), "raw", video.id, ExtraArgs={"Metadata": {"user-id": ANN}})
    flow.handle(home.app, SourceArrived(video.id))
    assert home.video(video).failure.code == "source_replaced"
    home.hear_all(video.job)
    assert home.clients("mediaconvert").get_job(Id=video.job)["Job"]["Status"] == "CANCELED"
    assert list(home.app.media.list(layout.video_prefix(video.id))) == []


def test_a_cancelled_job_ends_soon_and_leaves_nothing(home, tmp_path):
    video = home.begin(make(tmp_path / "long.mp4", *picture(60), *X264))
    home.app.encoder.cancel(video.job)
    ended = home.end(video)
    assert (ended.status, ended.failure.code) == (Status.FAILED, "encode_canceled")
    assert list(home.app.media.list(layout.video_prefix(video.id))) == []
    home.app.encoder.cancel(video.job)


def test_an_order_sent_twice_is_one_job(home, tmp_path):
    video = home.begin(make(tmp_path / "plain.mp4", *picture(2), *X264))
    flow.handle(home.app, SourceArrived(video.id))
    home.end(video)
    assert len(home.clients("mediaconvert").list_jobs()["Jobs"]) == 1


def test_a_job_whose_buyer_died_is_found_in_the_list(home, tmp_path):
    clip = make(tmp_path / "plain.mp4", *picture(2), *X264)
    home.clients("s3").upload_file(str(clip), "raw", ORDER.video_id)
    Table(home.clients, "videos").put({"pk": f"job#{ORDER.video_id}#1", "claimed_at": home.app.now().timestamp()})
    places = {"role": ROLE, "queue": home.queue, "sources_bucket": "raw", "media_bucket": "media"}
    bought = home.clients("mediaconvert").create_job(**request(ORDER, **places))["Job"]["Id"]
    assert home.app.encoder.submit(ORDER) == bought


def test_a_job_that_its_description_does_not_allow_is_refused(home):
    places = {"role": ROLE, "queue": home.queue, "sources_bucket": "raw", "media_bucket": "media"}
    wrong = request(ORDER, **places) | {"StatusUpdateInterval": "SECONDS_11"}
    with pytest.raises(ClientError, match="SECONDS_11") as refused:
        home.clients("mediaconvert").create_job(**wrong)
    assert refused.value.response["Error"]["Code"] == "BadRequestException"
