"""Our messages in SQS, a queue a lane."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from sluice.messages import Message, dumps, lane_of

from .clients import asking

# SQS delays no message for longer; what must wait longer is found by the sweep.
LONGEST_DELAY_S = 900


class SqsQueue:
    """ports.Queue over the queues at these addresses, by lane."""

    def __init__(self, clients: Callable[[str], Any], urls: Mapping[str, str]) -> None:
        self._clients = clients
        self._urls = urls

    def send(self, message: Message, *, delay_s: float = 0) -> None:
        delay = min(math.ceil(delay_s), LONGEST_DELAY_S)
        with asking("sqs"):
            self._clients("sqs").send_message(
                QueueUrl=self._urls[lane_of(message)], MessageBody=dumps(message), DelaySeconds=delay
            )
