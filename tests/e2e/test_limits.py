"""Limits by user and address, counted over all processes of the server, and proxies that are believed or not."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

pytestmark = pytest.mark.e2e

MOST = 5
# Enough that some are refused even where a minute ends in between.
CALLS = 2 * MOST + 2
TARGET = {"X-Amz-Target": "AWSCognitoIdentityProviderService.GetUser"}


def asked_from(running, addresses):
    """The statuses of calls that say they come from these addresses."""

    def ask(address):
        headers = {**TARGET, "X-Forwarded-For": address}
        return requests.post(f"{running.url}/cognito", data="{}", headers=headers, timeout=10).status_code

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(ask, addresses))


def test_behind_a_named_proxy_every_visitor_is_counted_apart(new_running):
    running = new_running(TRUSTED_PROXIES="127.0.0.1,::1", ADDRESS_CALLS_PER_MINUTE=str(MOST))
    assert 429 in asked_from(running, ["203.0.113.7"] * CALLS)
    # What stands on the left, a visitor wrote.
    assert 429 in asked_from(running, [f"198.51.100.{number}, 203.0.113.8" for number in range(CALLS)])
    assert asked_from(running, [f"203.0.113.{number}" for number in range(20, 20 + CALLS)]) == [400] * CALLS


def test_without_one_nobody_passes_for_many(new_running):
    running = new_running(ADDRESS_CALLS_PER_MINUTE=str(MOST))
    assert 429 in asked_from(running, [f"203.0.113.{number}" for number in range(CALLS)])


def test_the_processes_count_a_user_s_calls_together(new_running):
    running = new_running(USER_CALLS_PER_MINUTE=str(MOST), WEB_PROCESSES="4")
    ann = running.user()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ann.call("POST", "/uploads", json={}), range(CALLS)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert {answer.json()["code"] for answer in refused} == {"calls_limit"}
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in refused)
    assert MOST <= len(answers) - len(refused) <= 2 * MOST
