"""The site in a real browser: what people do with their own account."""

from itertools import count

import pytest

from tests.e2e.running import PASSWORD, until
from tests.e2e.visitor import cookies_of

pytestmark = pytest.mark.e2e

NEW_PASSWORD = "Another-Horse-2"
SOON_S = 30
NUMBERS = count(1)


@pytest.fixture
def newcomer(running, browser):
    """Somebody with an account of this test's own, and their cookies."""
    user = running.user(f"newcomer{next(NUMBERS)}")
    return user, cookies_of(user.mail, browser, running)


@pytest.fixture
def owner(newcomer):
    return newcomer[0]


@pytest.fixture
def at_account(visit, newcomer):
    """The owner, on the page of their account."""
    visitor = visit(state=newcomer[1])
    visitor.go("/account/")
    visitor.page.get_by_role("heading", name="Account", exact=True).wait_for()
    return visitor


def refuse(visitor, operation, status, answer=None):
    """The accounts answer so to this operation."""

    def route(route):
        asked = route.request.headers.get("x-amz-target", "").endswith(f".{operation}")
        headers = {"x-amzn-errortype": answer["__type"]} if answer else {}
        route.fulfill(status=status, json=answer or {}, headers=headers) if asked else route.continue_()

    visitor.watchdog.expect(str(status))
    visitor.page.route("**/cognito**", route)


# --- the way there ----------------------------------------------------------------------------------------------------


def test_the_menu_leads_there(visit, signed_in, ann):
    visitor = visit(state=signed_in)
    visitor.go("/")
    visitor.button("Account of Ann").click()
    visitor.link("Account").click()

    visitor.page.wait_for_url("**/account/")
    visitor.sees(ann.mail)
    assert visitor.page.get_by_label("Name", exact=True).input_value() == "Ann"


def test_whoever_is_signed_out_signs_in_first_and_comes_back(visit, ann):
    visitor = visit()
    visitor.go("/account/")
    visitor.link("Sign in or sign up").click()
    visitor.page.get_by_label("Email").fill(ann.mail)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.page.locator("button[type=submit]").click()

    visitor.page.wait_for_url("**/account/")
    visitor.sees(ann.mail)


# --- the name ---------------------------------------------------------------------------------------------------------


def test_a_new_name_is_shown_everywhere(at_account, owner):
    video_id = owner.ticket(title="A film")["id"]

    at_account.page.get_by_label("Name", exact=True).fill(" Zoë Example ")
    at_account.button("Save name").click()

    at_account.sees("Saved.")
    at_account.button("Account of Zoë Example").wait_for()
    until(lambda: owner.video(video_id)["owner"] == "Zoë Example", SOON_S, "the video's owner has the new name")


# --- the password -----------------------------------------------------------------------------------------------------


def change_password(visitor, old=PASSWORD, proposed=NEW_PASSWORD):
    visitor.page.get_by_label("Old password").fill(old)
    visitor.page.get_by_label("New password").fill(proposed)
    visitor.button("Change password").click()


def test_a_new_password_is_the_only_one_from_then_on(at_account, visit, owner):
    change_password(at_account)
    at_account.sees("Your password is changed.")

    visitor = visit()
    visitor.watchdog.expect("400")
    visitor.go("/sign-in/?next=/account/")
    visitor.page.get_by_label("Email").fill(owner.mail)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.page.locator("button[type=submit]").click()
    visitor.sees("Incorrect username or password")
    visitor.page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    visitor.page.locator("button[type=submit]").click()
    visitor.page.wait_for_url("**/account/")


@pytest.mark.parametrize(
    ("old", "proposed", "told"),
    [
        ("Wrong-Horse-1", NEW_PASSWORD, "That is not your old password."),
        (PASSWORD, "another-horse-2", "The new password is too weak: Password must have uppercase characters."),
    ],
    ids=["wrong", "weak"],
)
def test_a_password_that_will_not_do_is_told(at_home, old, proposed, told):
    at_home.watchdog.expect("400")
    at_home.go("/account/")
    change_password(at_home, old, proposed)

    at_home.sees(told)
    assert at_home.page.get_by_label("Old password").input_value() == old


@pytest.mark.parametrize(
    ("status", "kind", "message", "told"),
    [
        (400, "LimitExceededException", "Attempt limit exceeded, please try after some time.", "tried too often"),
        (400, "NotAuthorizedException", "Password attempts exceeded", "tried too often"),
        (503, "InternalErrorException", "Try again in a moment.", "Try again in a moment."),
    ],
    ids=["cognito", "here", "down"],
)
def test_why_the_password_stays_is_told(at_home, status, kind, message, told):
    refuse(at_home, "ChangePassword", status, {"__type": kind, "message": message})
    at_home.go("/account/")
    change_password(at_home)

    at_home.sees(told)


def test_a_line_that_is_gone_is_told(at_home):
    at_home.watchdog.expect("ERR_FAILED")
    at_home.go("/account/")
    at_home.page.route("**/cognito**", lambda route: route.abort())
    change_password(at_home)

    at_home.sees("The service can’t be reached.")


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_signing_out_everywhere_ends_all_sessions(at_account, owner):
    at_account.button("Sign out everywhere").click()

    at_account.sees("Sign in first")
    assert at_account.cookies("Token") == []
    assert not owner.is_signed_in()


def test_where_other_sessions_could_not_be_ended_that_is_told(at_home):
    refuse(at_home, "GlobalSignOut", 503)
    at_home.go("/account/")
    at_home.button("Sign out everywhere").click()

    at_home.sees("The service can’t be reached.")
    at_home.button("Account of Ann").wait_for()


def test_a_session_that_was_ended_elsewhere_leads_to_signing_in(at_account, owner):
    at_account.watchdog.expect("400")
    owner.sign_out_everywhere()
    change_password(at_account)

    at_account.sees("Sign in first")


# --- the end ----------------------------------------------------------------------------------------------------------


def ask_to_delete(visitor, typed):
    visitor.button("Delete my account …").click()
    visitor.page.get_by_label("To go on, type").fill(typed)


def test_an_account_goes_with_its_videos(at_account, owner, running):
    video_id = owner.ticket(title="A film")["id"]
    ask_to_delete(at_account, owner.mail.upper())
    at_account.sees("your one video, with everything that belongs to it")
    at_account.button("Delete my account").click()

    at_account.sees("Your account is deleted")
    assert at_account.cookies("Token") == []
    assert not owner.is_signed_in()
    until(lambda: owner.call("GET", f"/videos/{video_id}").status_code == 404, SOON_S, "the video is gone")


def test_nothing_goes_before_the_address_is_typed(at_account, owner):
    ask_to_delete(at_account, "somebody@example.org")

    assert at_account.button("Delete my account").is_disabled()
    at_account.sees("You have no videos.")
    at_account.button("Keep my account").click()
    assert owner.is_signed_in()


def test_a_person_with_many_videos_reads_that_all_of_them_go(at_account, owner):
    many = {"items": [{"id": f"{number:026}"} for number in range(50)], "nextCursor": "more"}
    at_account.page.route("**/api/me/videos?**", lambda route: route.fulfill(json=many))
    ask_to_delete(at_account, owner.mail)

    at_account.sees("all your videos, which are more than 50")


def test_an_account_that_could_not_be_deleted_is_still_there_to_try_again(at_account, owner):
    refuse(at_account, "DeleteUser", 503, {"__type": "InternalErrorException", "message": "Try again in a moment."})
    ask_to_delete(at_account, owner.mail)
    at_account.button("Delete my account").click()
    at_account.sees("Your videos are gone, but your account is still there. Try again in a moment.")

    at_account.page.unroute("**/cognito**")
    at_account.button("Delete my account").click()

    at_account.sees("Your account is deleted")


def test_an_account_stays_where_its_videos_could_not_be_deleted(at_account, owner):
    at_account.watchdog.expect("503")
    problem = {"code": "unavailable", "detail": "The queue does not answer."}
    at_account.page.route("**/api/me/videos?**", lambda route: route.fulfill(status=503, json=problem))
    ask_to_delete(at_account, owner.mail)
    at_account.button("Delete my account").click()

    at_account.sees("The queue does not answer.")
    assert owner.is_signed_in()
