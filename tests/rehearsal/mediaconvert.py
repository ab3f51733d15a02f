"""A small MediaConvert over HTTP that really encodes: enough of it for boto3, for Terraform's queue and for our jobs.

Every CreateJob is held against botocore's description of the service. A job is read from S3, encoded with ffmpeg as its
settings say and written to S3; every change of its state is an event. What S3 and EventBridge are is for the
surroundings to say (AWS_ENDPOINT_URL). `python -m tests.rehearsal.mediaconvert` serves until it is stopped."""

import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from sluice.adapters.aws.clients import Clients
from tests import service_model
from tests.rehearsal.mediaconvert_jobs import Jobs, Refusal

VERSION = "/2017-08-29/"


class MediaConvert:
    """The service as a WSGI application; `close` it, for the jobs that still run. An `idle` one runs none."""

    def __init__(self, clients=None, announce=None, *, region="us-east-1", account="123456789012", idle=False):
        clients = clients or Clients()
        self._arn = f"arn:aws:mediaconvert:{region}:{account}:"
        self._queues = {}
        self._tags = {}
        self.jobs = Jobs(clients, announce or (lambda event: put(clients, event)), region, account, idle=idle)

    def close(self):
        self.jobs.close()

    def __call__(self, environ, start_response):
        try:
            status, body = self._answer(environ)
        except Refusal as refusal:
            status, body = refusal.status, {"message": str(refusal)}
            headers = [("x-amzn-errortype", refusal.code)]
        else:
            headers = []
        start_response(f"{status} .", [*headers, ("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    def _answer(self, environ):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(VERSION)
        noun, _, name = path.partition("/")
        body = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) or b"{}")
        call = getattr(self, f"_{method}_{noun}".lower(), None)
        if call is None:
            raise Refusal(404, "NotFoundException", f"{method} {path} is not part of this MediaConvert")
        asked = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
        return call(name, body or asked)

    # --- jobs ---------------------------------------------------------------------------------------------------

    def _post_jobs(self, name, body):
        try:
            request = service_model.parse("mediaconvert", "CreateJob", body)
        except ValueError as error:
            raise Refusal(400, "BadRequestException", str(error)) from error
        queue = request.setdefault("Queue", f"{self._arn}queues/Default")
        if not queue.endswith("/Default") and queue not in {one["Arn"] for one in self._queues.values()}:
            raise Refusal(404, "NotFoundException", f"no queue {queue}")
        return 201, self._wired("CreateJob", {"Job": self.jobs.create(request)})

    def _get_jobs(self, name, asked):
        if name:
            return 200, self._wired("GetJob", {"Job": self.jobs.get(name)})
        found, following = self.jobs.page(asked)
        return 200, self._wired("ListJobs", {"Jobs": found, **({"NextToken": following} if following else {})})

    def _delete_jobs(self, name, body):
        self.jobs.cancel(name)
        return 202, {}

    # --- queues -------------------------------------------------------------------------------------------------

    def _post_queues(self, name, body):
        asked = self._parsed("CreateQueue", body)
        if asked["Name"] in self._queues:
            raise Refusal(409, "ConflictException", f"the queue {asked['Name']} exists")
        tags = asked.pop("Tags", {})
        given = {"PricingPlan": "ON_DEMAND", "Status": "ACTIVE", "Type": "CUSTOM"}
        queue = {**given, **asked, "Arn": f"{self._arn}queues/{asked['Name']}"}
        self._queues[queue["Name"]], self._tags[queue["Arn"]] = queue, tags
        return 201, self._wired("CreateQueue", {"Queue": queue})

    def _get_queues(self, name, asked):
        if not name:
            return 200, self._wired("ListQueues", {"Queues": list(self._queues.values())})
        return 200, self._wired("GetQueue", {"Queue": self._queue(name)})

    def _put_queues(self, name, body):
        changes = self._parsed("UpdateQueue", {**body, "name": name})
        self._queue(name).update(changes)
        return 200, self._wired("UpdateQueue", {"Queue": self._queue(name)})

    def _delete_queues(self, name, body):
        self._tags.pop(self._queue(name)["Arn"], None)
        del self._queues[name]
        return 202, {}

    def _queue(self, name):
        if name not in self._queues:
            raise Refusal(404, "NotFoundException", f"no queue {name}")
        return self._queues[name]

    # --- tags and the address -----------------------------------------------------------------------------------

    def _get_tags(self, name, asked):
        found = {"ResourceTags": {"Arn": name, "Tags": self._tags.get(name, {})}}
        return 200, self._wired("ListTagsForResource", found)

    def _post_tags(self, name, body):
        asked = self._parsed("TagResource", body)
        self._tags.setdefault(asked["Arn"], {}).update(asked["Tags"])
        return 200, {}

    def _put_tags(self, name, body):
        gone = set(body.get("tagKeys", ()))
        self._tags[name] = {key: value for key, value in self._tags.get(name, {}).items() if key not in gone}
        return 200, {}

    def _parsed(self, operation, body):
        try:
            return service_model.parse("mediaconvert", operation, body)
        except ValueError as error:
            raise Refusal(400, "BadRequestException", str(error)) from error

    def _wired(self, operation, values):
        return service_model.answered("mediaconvert", operation, values)


def put(clients, event):
    """Give an event to the bus."""
    entry = {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}
    answer = clients("events").put_events(Entries=[{**entry, "Resources": event["resources"]}])
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"the bus took no event: {answer}")


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        """Nothing."""


@contextmanager
def serving(application, port=0) -> Iterator[str]:
    """The address of the application, for as long as the `with` lasts."""
    with make_server("127.0.0.1", port, application, _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            application.close()


if __name__ == "__main__":
    with serving(MediaConvert(), int(sys.argv[1]) if len(sys.argv) > 1 else 0) as address:
        print(address, flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
