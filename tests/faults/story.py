"""One upload from its ticket to its end, by one process, so that every step of it can be counted.

It says what was acknowledged: `ticket {id}`, `stored {id}`, `ended`.
"""

import os
import sys
from pathlib import Path

from sluice import settings
from sluice.entry.serve import web_app
from sluice.entry.worker import ALL_LANES, LEASE_S, Worker
from sluice.wiring.local import local_home


def main(clip):
    """Tell the whole story of this file."""
    home = local_home(settings.load())
    client = web_app(home).test_client()
    ticket = _ticket(client, clip)
    _say(f"ticket {ticket['id']}")
    _send(client, ticket, clip)
    _say(f"stored {ticket['id']}")
    _work(home)
    _say("ended")


def _ticket(client, clip):
    headers = {"Authorization": f"Bearer {os.environ['FAULTS_TOKEN']}"}
    answer = client.post("/api/uploads", json={"filename": clip.name, "title": "A film"}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json


def _send(client, ticket, clip):
    with clip.open("rb") as file:
        answer = client.post("/storage/raw", data={**ticket["fields"], "file": (file, clip.name)})
    assert answer.status_code == 204, answer.text


def _work(home):
    """What the workers do, lane by lane, until nothing is left to do."""
    worker = Worker(home, ALL_LANES)
    while found := [lease for lane in ALL_LANES if (lease := home.queue.lease(lane, LEASE_S))]:
        for lease in found:
            worker.work_on(lease)


def _say(words):
    os.write(1, f"{words}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
