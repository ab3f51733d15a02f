"""A whole Sluice as its own processes, and a user who works with it over HTTP."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import boto3
import requests
from botocore import UNSIGNED
from botocore.config import Config

PASSWORD = "Correct-Horse-1"
START_S = 30
POLL_S = 0.05


def free_port():
    """A loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, timeout_s, what):
    """The first true value of the condition; fails when it takes too long."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(POLL_S)
    raise AssertionError(f"{what}: not within {timeout_s} s")


class Running:
    """`python -m sluice run` in a folder of its own, on a free port."""

    def __init__(self, folder, **settings):
        self.folder = Path(folder)
        self.port = free_port()
        self.direct = f"http://localhost:{self.port}"
        self.url = self.direct
        self.log = self.folder / "log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")},
            "SLUICE_DATA": str(self.folder / "data"),
            "SLUICE_PORT": str(self.port),
            "SLUICE_PASSWORD_AUTH": "1",
            **{f"SLUICE_{name}": value for name, value in settings.items()},
        }
        self.process = None

    def start(self):
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sluice", "run"], env=self.environment, stdout=log, stderr=log
            )
        until(self.answers, START_S, f"the server answers; its log: {self.log.read_text()[-2000:]}")
        return self

    def stop(self, number=signal.SIGINT):
        """Send it a signal and wait for its end; the seconds that took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(20)
        return time.monotonic() - began

    def end(self):
        """Stop it for good, with everything below it, whatever state it is in."""
        family = self.family()
        try:
            if self.process.poll() is None:
                self.stop()
        finally:
            for pid in family:
                if is_alive(pid):
                    os.kill(pid, signal.SIGKILL)

    def sluice(self, *words, stdin=""):
        """Run one of its own commands beside it; what it prints."""
        command = [sys.executable, "-m", "sluice", *words]
        done = subprocess.run(
            command, env=self.environment, input=stdin, capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout

    def children(self, *words):
        """The process ids of its children whose command line holds all these words."""
        lines = subprocess.run(["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
        rows = [line.split(None, 2) for line in lines.splitlines()[1:]]
        family, found = {self.process.pid}, []
        for _ in range(4):
            family |= {int(pid) for pid, parent, _ in rows if int(parent) in family}
        for pid, _, args in rows:
            if int(pid) in family and all(word in args for word in words):
                found.append(int(pid))
        return found

    def family(self):
        """Every process id below it, itself included."""
        return self.children()

    def words(self, text):
        """How often the log says this."""
        return self.log.read_text().count(text)

    def answers(self):
        try:
            return requests.get(f"{self.url}/api/health", timeout=1).ok
        except requests.RequestException:
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            return False

    def user(self, name="ann"):
        """A new user who has signed up, confirmed and signed in."""
        return User(self, f"{name}@example.org")

    def files(self, *below):
        """Every file in a part of the data folder."""
        # Unlike rglob, a walk does not mind folders that vanish under it.
        walk = os.walk((self.folder / "data").joinpath(*below))
        return [Path(folder) / name for folder, _, names in walk for name in names if (Path(folder) / name).is_file()]


class User:
    """Somebody with an account, and what they do by HTTP."""

    def __init__(self, running, mail):
        self.running = running
        self.mail = mail
        self._cognito = boto3.client(
            "cognito-idp",
            region_name="us-east-1",
            endpoint_url=f"{running.url}/cognito",
            config=Config(signature_version=UNSIGNED, retries={"max_attempts": 5}),
        )
        self._config = requests.get(f"{running.url}/config.json", timeout=5).json()
        self.sign_up()
        self.token = self.sign_in()

    def sign_up(self):
        client = self._config["userPoolClientId"]
        attributes = [{"Name": "email", "Value": self.mail}, {"Name": "name", "Value": self.mail.split("@")[0].title()}]
        self._cognito.sign_up(ClientId=client, Username=self.mail, Password=PASSWORD, UserAttributes=attributes)
        self._cognito.confirm_sign_up(ClientId=client, Username=self.mail, ConfirmationCode=self.code())

    def code(self):
        """The newest code in the outbox for this user."""
        outbox = requests.get(f"{self.running.direct}/cognito/outbox.json", timeout=5).json()
        return next(mail["code"] for mail in outbox if mail["to"] == self.mail)

    def sign_in(self):
        answer = self._cognito.initiate_auth(
            ClientId=self._config["userPoolClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": self.mail, "PASSWORD": PASSWORD},
        )
        return answer["AuthenticationResult"]["AccessToken"]

    def move(self, mail):
        """Give another address as theirs; signing in goes by the old one until it is confirmed."""
        self._cognito.update_user_attributes(AccessToken=self.token, UserAttributes=[{"Name": "email", "Value": mail}])

    def is_signed_in(self):
        """Whether the accounts still take this user's token."""
        try:
            self._cognito.get_user(AccessToken=self.token)
        except self._cognito.exceptions.NotAuthorizedException:
            return False
        return True

    def sign_out_everywhere(self):
        """End every session of this user."""
        self._cognito.global_sign_out(AccessToken=self.token)

    def leave(self):
        """Delete the account."""
        self._cognito.delete_user(AccessToken=self.token)

    def call(self, method, path, **given):
        """One API call as this user."""
        headers = {"Authorization": f"Bearer {self.token}", **given.pop("headers", {})}
        return requests.request(method, f"{self.running.url}/api{path}", headers=headers, timeout=30, **given)

    def ticket(self, **wanted):
        answer = self.call("POST", "/uploads", json=wanted)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def post_file(self, ticket, file):
        """Upload the file with the ticket's form."""
        with Path(file).open("rb") as body:
            return requests.post(ticket["url"], data=ticket["fields"], files={"file": body}, timeout=60)

    def upload(self, file, title="A film", **wanted):
        """Ticket, upload, publish; the video's id."""
        ticket = self.ticket(filename=Path(file).name)
        answer = self.post_file(ticket, file)
        assert answer.status_code == 204, answer.text
        answer = self.call("POST", "/videos", json={"id": ticket["id"], "title": title, **wanted})
        assert answer.status_code == 201, answer.text
        return ticket["id"]

    def video(self, video_id):
        answer = self.call("GET", f"/videos/{video_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait(self, video_id, condition, timeout_s=90):
        """The video once the condition holds for it."""

        def look():
            video = self.video(video_id)
            return video if condition(video) else None

        return until(look, timeout_s, f"video {video_id}; now {self.video(video_id)}; log {self._log_end()}")

    def _log_end(self):
        return re.sub(r"\s+", " ", self.running.log.read_text()[-3000:])

    def wait_end(self, video_id, timeout_s=90):
        """The video once it is done or failed."""
        return self.wait(video_id, lambda video: video["status"] in ("done", "failed"), timeout_s)


def is_alive(pid):
    """Whether a process runs (a zombie doesn't)."""
    stat = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(stat.strip()) and not stat.strip().startswith("Z")
