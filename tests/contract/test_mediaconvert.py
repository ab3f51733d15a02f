"""Jobs of MediaConvert: bought once for each attempt, whatever goes wrong on the way, and asked for their ends."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import Stubber

from sluice.adapters.aws.clients import Clients
from sluice.adapters.aws.mediaconvert import MediaConvertEncoder
from sluice.adapters.aws.mediaconvert_order import request
from sluice.adapters.aws.s3 import S3Objects
from sluice.adapters.aws.table import Table
from sluice.errors import Unavailable, Unplayable
from sluice.ladder import Order, plan
from sluice.messages import EncodeFailed, EncodeLost, EncodeSucceeded
from tests.making import NOW, an_id
from tests.orders import ORDER, SOURCE

QUEUE = "arn:aws:mediaconvert:eu-west-1:123456789012:queues/sluice"
PLACES = {"role": "arn:role", "queue": QUEUE, "sources_bucket": "raw", "media_bucket": "media"}
LISTED = {"Queue": QUEUE, "Order": "DESCENDING", "MaxResults": 20}
KEY = f"job#{ORDER.video_id}#1"
NEXT = replace(ORDER, attempt=2)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(clients: Clients) -> Iterator[Stubber]:
    """The service: answers what a test lays down, to exactly those calls and in that order."""
    with Stubber(clients("mediaconvert")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def encoder(clients: Clients, table: Table, clock: Clock) -> MediaConvertEncoder:
    return MediaConvertEncoder(clients, table, media=S3Objects(clients, "media"), now=clock, **PLACES)


def a_job(job_id: str, order: Order = ORDER, *, made_at: datetime = NOW, **more: Any) -> dict[str, Any]:
    ours = {"id": order.video_id, "attempt": str(order.attempt)}
    return {"Id": job_id, "CreatedAt": made_at, "UserMetadata": ours, "Role": "r", "Settings": {}, **more}


def sells(service: Stubber, job_id: str, order: Order = ORDER) -> None:
    service.add_response("create_job", {"Job": a_job(job_id, order)}, request(order, **PLACES))


def lists(service: Stubber, *jobs: dict[str, Any], page: str | None = None, more: str | None = None) -> None:
    asked = {**LISTED, "NextToken": page} if page else LISTED
    service.add_response("list_jobs", {"Jobs": list(jobs), **({"NextToken": more} if more else {})}, asked)


def refuses(service: Stubber, call: str, code: str, status: int = 400) -> None:
    service.add_client_error(call, code, http_status_code=status)


def dies_before_it_keeps_the_job(encoder: MediaConvertEncoder, table: Table, service: Stubber) -> None:
    """Leave a claim as a call does that went away while it bought."""
    refuses(service, "create_job", "InternalServerErrorException", 500)
    with pytest.raises(Unavailable):
        encoder.submit(ORDER)
    assert "job_id" not in (table.get(KEY) or {})


# --- bought once ------------------------------------------------------------------------------------------------


def test_an_order_is_sent_as_it_is_described_and_gets_a_job(encoder: MediaConvertEncoder, service: Stubber) -> None:
    sells(service, "job-1")

    assert encoder.submit(ORDER) == "job-1"


def test_the_same_order_again_gets_the_same_job(encoder: MediaConvertEncoder, service: Stubber) -> None:
    sells(service, "job-1")
    encoder.submit(ORDER)

    assert encoder.submit(ORDER) == "job-1"


def test_another_attempt_is_another_job(encoder: MediaConvertEncoder, service: Stubber) -> None:
    sells(service, "job-1")
    sells(service, "job-2", NEXT)

    assert [encoder.submit(ORDER), encoder.submit(NEXT)] == ["job-1", "job-2"]


def test_a_claim_is_written_before_the_job_is_bought_and_forgotten_in_time(
    encoder: MediaConvertEncoder, table: Table, service: Stubber
) -> None:
    dies_before_it_keeps_the_job(encoder, table, service)

    claim = table.get(KEY) or {}
    assert claim["claimed_at"] == NOW.timestamp()
    assert claim["forget_at"] > (NOW + timedelta(days=2)).timestamp()


def test_a_job_whose_buyer_died_is_found_instead_of_bought_again(
    encoder: MediaConvertEncoder, table: Table, service: Stubber
) -> None:
    dies_before_it_keeps_the_job(encoder, table, service)
    lists(service, a_job("other", NEXT), a_job("job-1"))

    assert encoder.submit(ORDER) == "job-1"
    assert encoder.submit(ORDER) == "job-1"


def test_the_search_turns_pages_but_goes_back_no_further_than_the_claim(
    encoder: MediaConvertEncoder, table: Table, service: Stubber, clock: Clock
) -> None:
    dies_before_it_keeps_the_job(encoder, table, service)
    clock.move(minutes=5)
    lists(service, a_job("new", NEXT), more="two")
    lists(service, a_job("old", NEXT, made_at=NOW - timedelta(hours=1)), a_job("never"), page="two", more="three")
    sells(service, "job-1")

    assert encoder.submit(ORDER) == "job-1"


def test_nobody_buys_while_another_call_may_still_be_buying(
    encoder: MediaConvertEncoder, table: Table, service: Stubber, clock: Clock
) -> None:
    dies_before_it_keeps_the_job(encoder, table, service)
    clock.move(seconds=100)
    lists(service)

    with pytest.raises(Unavailable, match="being ordered"):
        encoder.submit(ORDER)


def test_of_two_that_take_over_from_a_dead_buyer_one_buys(
    encoder: MediaConvertEncoder, table: Table, service: Stubber, clock: Clock
) -> None:
    dies_before_it_keeps_the_job(encoder, table, service)
    clock.move(minutes=5)
    lists(service)
    refuses(service, "create_job", "InternalServerErrorException", 500)
    with pytest.raises(Unavailable):
        encoder.submit(ORDER)
    lists(service)

    with pytest.raises(Unavailable, match="being ordered"):
        encoder.submit(ORDER)


# --- refusals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status"),
    [("TooManyRequestsException", 429), ("ConflictException", 409), ("ServiceQuotaExceededException", 402)],
)
def test_when_too_much_goes_on_the_next_call_may_buy_at_once(
    encoder: MediaConvertEncoder, service: Stubber, code: str, status: int
) -> None:
    refuses(service, "create_job", code, status)
    with pytest.raises(Unavailable):
        encoder.submit(ORDER)
    sells(service, "job-1")

    assert encoder.submit(ORDER) == "job-1"


def test_a_refusal_after_a_try_that_was_not_answered_may_have_bought(
    encoder: MediaConvertEncoder, service: Stubber, clock: Clock
) -> None:
    retried = {"RetryAttempts": 1}
    service.add_client_error("create_job", "TooManyRequestsException", http_status_code=429, response_meta=retried)
    with pytest.raises(Unavailable):
        encoder.submit(ORDER)
    clock.move(minutes=5)
    lists(service, a_job("job-1"))

    assert encoder.submit(ORDER) == "job-1"


def test_a_bad_request_is_a_bug_and_is_not_hidden(encoder: MediaConvertEncoder, service: Stubber) -> None:
    refuses(service, "create_job", "BadRequestException")

    with pytest.raises(ClientError, match="BadRequestException"):
        encoder.submit(ORDER)


def test_a_call_without_an_answer_may_have_bought(
    encoder: MediaConvertEncoder, table: Table, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(**_: Any) -> None:
        raise ReadTimeoutError(endpoint_url="https://mediaconvert")

    monkeypatch.setattr(clients("mediaconvert"), "create_job", never)
    with pytest.raises(Unavailable):
        encoder.submit(ORDER)

    assert table.get(KEY) is not None


def test_a_picture_too_small_to_encode_claims_nothing(encoder: MediaConvertEncoder, table: Table) -> None:
    tiny = replace(SOURCE, width=20, height=20)

    with pytest.raises(Unplayable, match="too small"):
        encoder.submit(replace(ORDER, source=tiny, facts=plan(tiny, tall=False)))
    assert table.get(KEY) is None


# --- cancelled --------------------------------------------------------------------------------------------------


def test_a_job_is_cancelled_by_its_id(encoder: MediaConvertEncoder, service: Stubber) -> None:
    service.add_response("cancel_job", {}, {"Id": "job-1"})

    encoder.cancel("job-1")


@pytest.mark.parametrize("code", ["NotFoundException", "ConflictException", "BadRequestException"])
def test_cancelling_what_has_ended_or_never_was_is_fine(
    encoder: MediaConvertEncoder, service: Stubber, code: str
) -> None:
    refuses(service, "cancel_job", code)

    encoder.cancel("job-1")


def test_a_cancelling_that_is_not_allowed_is_told(encoder: MediaConvertEncoder, service: Stubber) -> None:
    refuses(service, "cancel_job", "ForbiddenException", 403)

    with pytest.raises(ClientError):
        encoder.cancel("job-1")


def test_a_job_whose_buyer_died_is_found_and_cancelled(
    encoder: MediaConvertEncoder, table: Table, service: Stubber
) -> None:
    dies_before_it_keeps_the_job(encoder, table, service)
    lists(service, a_job("other", NEXT), a_job("job-1"))
    service.add_response("cancel_job", {}, {"Id": "job-1"})

    encoder.cancel_order(ORDER.video_id, 1)
    encoder.cancel_order(ORDER.video_id, 1)

    assert table.get(KEY) is None


def test_a_buyer_whose_claim_was_forgotten_meanwhile_is_told_the_job(
    encoder: MediaConvertEncoder, table: Table, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sold(**_: Any) -> dict[str, Any]:
        table.delete(KEY)
        return {"Job": a_job("job-1")}

    monkeypatch.setattr(clients("mediaconvert"), "create_job", sold)

    assert encoder.submit(ORDER) == "job-1"
    assert table.get(KEY) is None


def test_what_may_still_be_bought_is_looked_for_again(
    encoder: MediaConvertEncoder, table: Table, service: Stubber
) -> None:
    dies_before_it_keeps_the_job(encoder, table, service)
    lists(service)

    encoder.cancel_order(ORDER.video_id, 1)

    assert table.get(KEY) is not None


def test_what_was_never_bought_is_looked_for_no_longer(
    encoder: MediaConvertEncoder, table: Table, service: Stubber, clock: Clock
) -> None:
    dies_before_it_keeps_the_job(encoder, table, service)
    clock.move(minutes=5)
    lists(service)

    encoder.cancel_order(ORDER.video_id, 1)
    encoder.cancel_order(ORDER.video_id, 1)

    assert table.get(KEY) is None


# --- ends -------------------------------------------------------------------------------------------------------


def end_of(encoder: MediaConvertEncoder, service: Stubber, **state: Any) -> Any:
    service.add_response("get_job", {"Job": a_job("job-1", **state)}, {"Id": "job-1"})
    return encoder.end_of(an_id(1), 1, "job-1")


@pytest.mark.parametrize("status", ["SUBMITTED", "PROGRESSING"])
def test_a_job_that_waits_or_runs_has_no_end(encoder: MediaConvertEncoder, service: Stubber, status: str) -> None:
    assert end_of(encoder, service, Status=status) is None


def test_a_complete_job_succeeded(encoder: MediaConvertEncoder, service: Stubber) -> None:
    assert end_of(encoder, service, Status="COMPLETE") == EncodeSucceeded(an_id(1), 1)


def test_a_complete_job_tells_the_length_of_its_longest_output(encoder: MediaConvertEncoder, service: Stubber) -> None:
    groups = [{"OutputDetails": [{"DurationInMs": 8000}, {"DurationInMs": 8020}]}, {"OutputDetails": [{}]}]
    ended = end_of(encoder, service, Status="COMPLETE", OutputGroupDetails=groups)

    assert ended == EncodeSucceeded(an_id(1), 1, 8.02)


def test_a_job_in_error_failed_for_a_reason_in_our_words(encoder: MediaConvertEncoder, service: Stubber) -> None:
    failed = end_of(encoder, service, Status="ERROR", ErrorCode=1076, ErrorMessage="s3://raw/x is cut off")

    assert isinstance(failed, EncodeFailed)
    assert failed.code == "damaged"
    assert "s3://" not in failed.detail


def test_a_job_that_the_service_itself_broke_is_lost(encoder: MediaConvertEncoder, service: Stubber) -> None:
    assert end_of(encoder, service, Status="ERROR", ErrorCode=1999) == EncodeLost(an_id(1), 1)


def test_a_cancelled_job_failed(encoder: MediaConvertEncoder, service: Stubber) -> None:
    failed = end_of(encoder, service, Status="CANCELED")

    assert isinstance(failed, EncodeFailed)
    assert failed.code == "encode_canceled"


def test_a_job_that_nobody_knows_any_more_is_lost(encoder: MediaConvertEncoder, service: Stubber) -> None:
    refuses(service, "get_job", "NotFoundException", 404)

    assert encoder.end_of(an_id(1), 1, "job-1") == EncodeLost(an_id(1), 1)


def test_a_service_that_does_not_answer_says_nothing_about_the_job(
    encoder: MediaConvertEncoder, service: Stubber
) -> None:
    refuses(service, "get_job", "InternalServerErrorException", 500)

    with pytest.raises(Unavailable):
        encoder.end_of(an_id(1), 1, "job-1")
