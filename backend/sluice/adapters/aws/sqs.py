"""Our messages in SQS, a queue a lane."""

from collections.abc import Callable, Mapping
from typing import Any

from sluice.messages import Message, dumps, lane_of

from .clients import asking


class SqsQueue:
    """ports.Queue over the queues at these addresses, by lane."""

    def __init__(self, clients: Callable[[str], Any], urls: Mapping[str, str]) -> None:
        self._clients = clients
        self._urls = urls

    def send(self, message: Message) -> None:
        with asking("sqs"):
            self._clients("sqs").send_message(QueueUrl=self._urls[lane_of(message)], MessageBody=dumps(message))
