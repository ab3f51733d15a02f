"""The site in a real browser: what people do about their account."""

from itertools import count

import pytest

from tests.e2e.running import PASSWORD

pytestmark = pytest.mark.e2e

ANOTHER = "Another-Horse-2"
NUMBERS = count(1)


@pytest.fixture
def owner(running):
    return running.user(f"owner{next(NUMBERS)}")


@pytest.fixture
def signed_in(visit, owner):
    visitor = visit()
    visitor.sign_in(owner.mail, back="/account/")
    return visitor


def change_password(visitor, old, new):
    visitor.page.get_by_label("Current password").fill(old)
    visitor.page.get_by_label("New password").fill(new)
    visitor.button("Change password").click()


def test_the_account_is_in_the_menu(visit, owner):
    visitor = visit()
    visitor.sign_in(owner.mail)
    visitor.page.get_by_role("button", name="Account of").click()
    visitor.link("Your account").click()

    visitor.page.get_by_role("heading", name="Your account", exact=True).wait_for()
    visitor.sees(owner.mail)


def test_who_is_signed_out_signs_in_first_and_comes_back(visit, owner):
    visitor = visit()
    visitor.go("/account/")

    visitor.link("Sign in or sign up").click()
    visitor.page.get_by_label("Email").fill(owner.mail)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.page.locator("button[type=submit]").click()

    visitor.page.get_by_role("heading", name="Your account", exact=True).wait_for()


def test_a_password_is_changed(signed_in, visit, owner):
    change_password(signed_in, PASSWORD, ANOTHER)
    signed_in.sees("Your password is changed.")

    stranger = visit()
    stranger.watchdog.expect("400")
    stranger.go("/sign-in/")
    stranger.page.get_by_label("Email").fill(owner.mail)
    for password in (PASSWORD, ANOTHER):
        stranger.page.get_by_label("Password", exact=True).fill(password)
        stranger.page.locator("button[type=submit]").click()
        if password == PASSWORD:
            stranger.sees("Incorrect username or password")
    stranger.page.wait_for_url("**/upload/")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [("Wrong-Horse-1", ANOTHER, "That is not your current password."), (PASSWORD, "short", "Password")],
)
def test_why_a_password_is_not_changed_is_told(signed_in, old, new, words):
    signed_in.watchdog.expect("400")
    change_password(signed_in, old, new)

    assert words in signed_in.page.get_by_role("alert").filter(has_text=words).inner_text()


def test_every_session_ends(signed_in, visit, owner):
    elsewhere = visit()
    elsewhere.sign_in(owner.mail)
    signed_in.button("Sign out everywhere").click()

    signed_in.link("Sign in").wait_for()
    elsewhere.watchdog.expect("400", "401")
    elsewhere.let_token_run_out()
    elsewhere.go("/library/")
    elsewhere.link("Sign in or sign up").wait_for()


def test_an_account_goes_with_all_its_videos(signed_in, owner, clips, ann):
    video = owner.upload(clips / "text.mp4", title="Goes too")
    signed_in.button("Delete my account").click()
    assert signed_in.button("Delete").is_disabled()
    signed_in.page.get_by_role("checkbox").check()
    signed_in.button("Delete").click()

    signed_in.link("Sign in").wait_for()
    assert ann.call("GET", f"/videos/{video}").status_code == 404


def test_who_changes_their_mind_keeps_it(signed_in):
    signed_in.button("Delete my account").click()
    signed_in.button("Keep it").click()

    assert signed_in.has_focus(signed_in.button("Delete my account"))
