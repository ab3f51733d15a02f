"""The jobs of the rehearsal's MediaConvert: one at a time each, with events as the service sends them."""

import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from tests.rehearsal.mediaconvert_encode import Cancelled, Encode, EncodeError

TOKEN_KEPT_S = 60
AT_ONCE = 2
ENDED = ("COMPLETE", "CANCELED", "ERROR")


class Refusal(Exception):
    """What the service answers instead."""

    def __init__(self, status, code, words):
        super().__init__(words)
        self.status = status
        self.code = code


class Jobs:
    """Makes, runs, lists and cancels jobs; `announce` gets each event. `idle` ones wait for ever."""

    def __init__(self, clients, announce, region, account, *, idle=False, now=time.time):
        self._idle = idle
        self._clients = clients
        self._announce = announce
        self._region, self._account = region, account
        self._now = now
        self._jobs = {}
        self._lock = threading.Lock()
        self._ending = None
        self._unheard = False
        self._workers = ThreadPoolExecutor(AT_ONCE)

    def close(self):
        """Cancel what waits or runs, and wait for that."""
        for job in list(self._jobs.values()):
            self._move(job, "CANCELED")
        self._workers.shutdown(cancel_futures=True)

    @contextmanager
    def ending(self, status):
        """Inside the `with`, jobs that begin end so, whatever they were to do."""
        self._ending = status
        yield
        self._ending = None

    @contextmanager
    def unheard(self):
        """Inside the `with`, no event reaches anybody."""
        self._unheard = True
        yield
        self._unheard = False

    def all_ended(self):
        return all(job["Status"] in ENDED for job in self._jobs.values())

    def create(self, request):
        """A new job, which begins soon; the one that the token bought within the last minute, if any."""
        with self._lock:
            token = request.get("ClientRequestToken")
            for job in self._jobs.values():
                if token and job.get("ClientRequestToken") == token and self._now() < job["CreatedAt"] + TOKEN_KEPT_S:
                    return job
            job = self._new(request)
            self._jobs[job["Id"]] = job
        if not self._idle:
            self._workers.submit(self._run, job)
        return job

    def get(self, job_id):
        if job_id not in self._jobs:
            raise Refusal(404, "NotFoundException", f"no job {job_id}")
        return self._jobs[job_id]

    def page(self, asked):
        """A page of jobs, and the token of the next one."""
        found = [job for job in self._jobs.values() if asked.get("queue") in (None, job["Queue"])]
        found = [job for job in found if asked.get("status") in (None, job["Status"])]
        if asked.get("order") == "DESCENDING":
            found.reverse()
        start, size = int(asked.get("nextToken", 0)), int(asked.get("maxResults", 20))
        following = start + size
        return found[start:following], str(following) if following < len(found) else None

    def cancel(self, job_id):
        if not self._move(self.get(job_id), "CANCELED"):
            raise Refusal(409, "ConflictException", f"the job {job_id} has ended")
        self._tell(self.get(job_id), "CANCELED")

    def _new(self, request):
        job_id = f"{int(self._now() * 1000)}-{uuid.uuid4().hex[:6]}"
        kept = ("Role", "Queue", "Settings", "UserMetadata", "ClientRequestToken", "StatusUpdateInterval")
        return {
            **{name: request[name] for name in kept if name in request},
            "Id": job_id,
            "Arn": f"arn:aws:mediaconvert:{self._region}:{self._account}:jobs/{job_id}",
            "Status": "SUBMITTED",
            "CreatedAt": int(self._now()),
        }

    def _run(self, job):
        if not self._move(job, "PROGRESSING"):
            return
        self._tell(job, "PROGRESSING")
        if self._ending == "CANCELED":
            self.cancel(job["Id"])
        if self._ending == "ERROR":
            self._fail(job, EncodeError(1010, "The input can not be decoded."))
            return
        try:
            with tempfile.TemporaryDirectory() as folder:
                groups = self._encode(job, Path(folder))
        except Cancelled:
            return
        except EncodeError as error:
            self._fail(job, error)
        except Exception as error:
            self._fail(job, EncodeError(1999, repr(error)))
        else:
            if self._move(job, "COMPLETE", OutputGroupDetails=_told(groups)):
                self._tell(job, "COMPLETE", outputGroupDetails=groups, warnings=[])

    def _fail(self, job, error):
        if self._move(job, "ERROR"):
            job |= {"ErrorCode": error.code, "ErrorMessage": str(error)}
            self._tell(job, "ERROR", errorCode=error.code, errorMessage=str(error))

    def _encode(self, job, folder):
        """Fetch, encode, store; what came of each output."""
        (asked,) = job["Settings"]["Inputs"]
        encode = Encode(job["Settings"], self._fetch(asked["FileInput"], folder / "input"), folder / "output")
        for percent in encode.steps(lambda: job["Status"] == "CANCELED"):
            self._tell(job, "STATUS_UPDATE", jobProgress=_progress(percent), framesDecoded=0)
        for file in encode.files():
            bucket, _, key = str(file.relative_to(encode.folder)).partition("/")
            self._clients("s3").upload_file(str(file), bucket, key)
        return encode.details()

    def _fetch(self, location, target):
        address = urlsplit(location)
        try:
            self._clients("s3").download_file(address.netloc, address.path.lstrip("/"), str(target))
        except ClientError as error:
            raise EncodeError(1404, f"Unable to open input file [{location}]") from error
        return target

    def _move(self, job, status, **more):
        """Whether the job, which had not ended, has this status now, and what comes with it."""
        with self._lock:
            if job["Status"] in ENDED:
                return False
            job |= {"Status": status, **more}
            return True

    def _tell(self, job, status, **more):
        if self._unheard:
            return
        detail = {
            "timestamp": int(self._now() * 1000),
            "accountId": self._account,
            "queue": job["Queue"],
            "jobId": job["Id"],
            "status": status,
            "userMetadata": job.get("UserMetadata", {}),
            **more,
        }
        event = {"version": "0", "id": str(uuid.uuid4()), "detail-type": "MediaConvert Job State Change"}
        place = {"source": "aws.mediaconvert", "account": self._account, "region": self._region}
        at = datetime.fromtimestamp(self._now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._announce({**event, **place, "time": at, "resources": [job["Arn"]], "detail": detail})


def _told(groups):
    """What GetJob says of the groups: less than the event of the end, and under other names."""
    return [{"OutputDetails": [_output(one) for one in group["outputDetails"]]} for group in groups]


def _output(detail):
    told = {"DurationInMs": detail["durationInMs"]}
    if size := detail.get("videoDetails"):
        told["VideoDetails"] = {"WidthInPx": size["widthInPx"], "HeightInPx": size["heightInPx"]}
    return told


def _progress(percent):
    return {"jobPercentComplete": percent, "currentPhase": "TRANSCODING", "retryCount": 0}
