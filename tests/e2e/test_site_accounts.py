"""The site in a real browser: signing in and out, and sessions that end."""

import pytest

pytestmark = pytest.mark.e2e


def test_a_forgotten_password_is_replaced(visit, running):
    mail = running.user("forgetful").mail
    visitor = visit()
    visitor.go("/sign-in/")
    visitor.button("Forgot your password?").click()
    visitor.page.get_by_label("Email").fill(mail)
    visitor.button("Send code").click()
    visitor.button("Show my code").click()
    visitor.page.get_by_label("Code").fill(visitor.page.locator("output strong").inner_text())
    visitor.page.get_by_label("New Password").fill("Another-Horse-2")
    visitor.page.get_by_label("Confirm Password").fill("Another-Horse-2")
    visitor.button("Submit").click()
    visitor.page.get_by_role("status").get_by_text("Your password is changed. Sign in.").wait_for()
    visitor.page.get_by_label("Email").fill(mail)
    visitor.page.get_by_label("Password", exact=True).fill("Another-Horse-2")
    visitor.page.locator("button[type=submit]").click()

    visitor.page.wait_for_url("**/upload/")


def test_an_account_that_is_confirmed_later_is_told_so_once(visit):
    visit().create_account("later@example.org")
    visitor = visit()
    visitor.watchdog.expect("400")
    visitor.fill_sign_in("later@example.org")
    visitor.button("Show my code").click()
    visitor.enter_code()
    told = visitor.page.get_by_text("Your account is confirmed. Sign in.")
    told.wait_for()

    visitor.button("Forgot your password?").click()
    visitor.button("Back to Sign In").click()

    visitor.page.get_by_role("tab", name="Sign In").wait_for()
    assert told.count() == 0


def test_a_new_address_is_confirmed_while_signing_in(visit, running):
    user = running.user("mover")
    user.move("moved@example.org")
    visitor = visit()
    visitor.fill_sign_in(user.mail)
    visitor.button("Verify").click()
    visitor.button("Show my code").click()
    visitor.page.get_by_label("Code").fill(visitor.page.locator("output strong").inner_text())
    visitor.button("Submit").click()
    visitor.button("Account of Mover").wait_for()

    visit().sign_in("moved@example.org")


def test_after_another_code_was_sent_that_one_is_shown_whatever_letters_the_address_has(visit):
    visitor = visit()
    visitor.create_account("Bob@Example.org")
    visitor.button("Show my code").click()
    old = visitor.page.locator("output strong").inner_text()

    visitor.button("Resend Code").click()
    visitor.button("Show my code").click()

    assert visitor.page.locator("output strong").inner_text() != old
    visitor.confirm_account()


def test_a_wrong_password_is_told(visit, ann):
    visitor = visit()
    visitor.watchdog.expect("400")
    visitor.go("/sign-in/")
    visitor.page.get_by_label("Email").fill(ann.mail)
    visitor.page.get_by_label("Password", exact=True).fill("Wrong-Horse-1")
    visitor.page.locator("button[type=submit]").click()

    visitor.sees("Incorrect username or password")


def test_signing_out_leaves_nothing_of_the_session_in_any_tab(visit, running):
    visitor = visit()
    visitor.sign_in(running.user("leaver").mail)
    other = visitor.context.new_page()
    other.goto("/upload/")
    other.get_by_role("button", name="Account of Leaver").wait_for()
    visitor.button("Account of Leaver").click()
    visitor.button("Sign out").click()
    visitor.link("Sign in").wait_for()
    other.get_by_role("link", name="Sign in", exact=True).wait_for()

    names = [cookie["name"] for cookie in visitor.context.cookies()]
    assert [name for name in names if "Token" in name or "LastAuthUser" in name] == []


def test_the_keyboard_goes_on_where_the_menu_was_opened(at_home):
    at_home.go("/")
    menu = at_home.button("Account of Ann")
    menu.click()
    at_home.page.keyboard.press("Tab")
    at_home.page.keyboard.press("Escape")

    at_home.link("Account").wait_for(state="detached")
    assert at_home.has_focus(menu)


def test_nobody_is_led_to_another_site_after_signing_in(visit, ann, running):
    visitor = visit()
    visitor.go("/sign-in/?next=https://evil.example.org/")
    visitor.page.get_by_label("Email").fill(ann.mail)
    visitor.page.get_by_label("Password", exact=True).fill("Correct-Horse-1")
    visitor.page.locator("button[type=submit]").click()
    visitor.button("Account of Ann").wait_for()

    visitor.page.wait_for_url(f"{running.url}/")


def test_a_session_that_ended_leads_to_signing_in(visit, signed_in):
    visitor = visit(state=signed_in)
    visitor.watchdog.expect("400", "401")
    visitor.let_token_run_out()
    visitor.context.add_cookies([{**one, "value": "forgotten"} for one in visitor.cookies("refreshToken")])

    visitor.go("/library/")

    visitor.link("Sign in or sign up").wait_for()


def test_a_token_that_ran_out_is_renewed_without_a_word(visit, signed_in):
    visitor = visit(state=signed_in)
    visitor.let_token_run_out()

    visitor.go("/library/")

    visitor.sees("You have no videos yet")


def test_a_session_that_can_not_be_renewed_right_now_goes_on_later(visit, signed_in):
    visitor = visit(state=signed_in)
    visitor.watchdog.expect("401", "503")
    visitor.let_token_run_out()
    visitor.page.route("**/cognito**", lambda route: route.fulfill(status=503))
    visitor.go("/library/")
    visitor.sees("The service can’t be reached")

    visitor.page.unroute("**/cognito**")

    visitor.sees("You have no videos yet")


def test_a_token_that_is_refused_is_renewed_once_whatever_this_clock_says(visit, signed_in):
    visitor = visit(state=signed_in)
    visitor.watchdog.expect("401")
    refused = []

    def slow_clock(route):
        if refused:
            return route.continue_()
        refused.append(route.request.headers["authorization"])
        return route.fulfill(status=401)

    visitor.page.route("**/api/me/videos?*", slow_clock)
    visitor.go("/library/")

    visitor.sees("You have no videos yet")
    assert visitor.button("Account of Ann").is_visible()
    assert len(refused) == 1


def test_who_is_signed_in_stays_so_while_nobody_can_tell(visit, signed_in):
    visitor = visit(state=signed_in)
    visitor.watchdog.expect("503")
    visitor.page.route("**/config.json", lambda route: route.fulfill(status=503))
    visitor.go("/library/")
    visitor.page.wait_for_load_state("networkidle")
    assert not visitor.link("Sign in").is_visible()

    visitor.page.unroute("**/config.json")

    visitor.button("Account of Ann").wait_for()
