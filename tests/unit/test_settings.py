"""Settings: read once, all problems at once, each with its remedy."""

import re
from pathlib import Path

import pytest

from sluice.jwks import jwks_url
from sluice.settings import BadSettings, Cloud, FairUse, Settings, load, require_tools, unknown

ROOT = Path(__file__).parents[2]
EXAMPLE, README = ROOT / ".env.example", ROOT / "README.md"


def problems_of(environ):
    with pytest.raises(BadSettings) as bad:
        load(environ)
    return bad.value.problems


def test_nothing_needs_to_be_set():
    settings = load({})
    assert (settings.port, settings.public_url) == (8000, "http://localhost:8000")
    assert settings.issuer == "http://localhost:8000/cognito/local_Sluice"
    assert settings.local_identity


@pytest.mark.parametrize(("cores", "processes"), [(1, 2), (3, 3), (64, 4)])
def test_the_web_server_has_a_process_for_each_core_within_bounds(monkeypatch, cores, processes):
    monkeypatch.setattr("sluice.settings.busy_cores", lambda: cores)
    assert load({}).web_processes == processes


def test_the_public_url_follows_the_port():
    assert load({"SLUICE_PORT": "9000"}).public_url == "http://localhost:9000"


def test_every_problem_is_told_at_once_with_its_remedy():
    problems = problems_of({"SLUICE_PORT": "http", "SLUICE_WORKERS": "0", "SLUICE_TALL_RUNGS": "maybe"})
    assert problems == [
        "SLUICE_PORT is 'http'; give a whole number from 1 to 65535",
        "SLUICE_TALL_RUNGS is 'maybe'; give 1 or 0",
        "SLUICE_WORKERS is '0'; give a whole number from 1 to 64",
    ]


CLOUD = {
    "SLUICE_BACKEND": "aws",
    "SLUICE_TABLE": "sluice-videos",
    "SLUICE_RAW_BUCKET": "sluice-raw",
    "SLUICE_MEDIA_BUCKET": "sluice-media",
    "SLUICE_SOURCES_QUEUE": "https://sqs.eu-west-1.amazonaws.com/123456789012/sluice-sources",
    "SLUICE_ENCODES_QUEUE": "https://sqs.eu-west-1.amazonaws.com/123456789012/sluice-encodes",
    "SLUICE_TASKS_QUEUE": "https://sqs.eu-west-1.amazonaws.com/123456789012/sluice-tasks",
    "SLUICE_ENCODER_ROLE": "arn:aws:iam::123456789012:role/sluice-encoder",
    "SLUICE_ENCODER_QUEUE": "arn:aws:mediaconvert:eu-west-1:123456789012:queues/sluice",
    "SLUICE_LINKS_KEY": "5ecret",
    "SLUICE_ISSUER": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123",
    "SLUICE_CLIENT_ID": "client",
    "SLUICE_PUBLIC_URL": "https://d111111abcdef8.cloudfront.net",
}


def test_on_aws_the_settings_say_where_everything_is():
    cloud = load(CLOUD).cloud
    assert (cloud.table, cloud.links_key) == ("sluice-videos", "5ecret")
    assert "5ecret" not in repr(cloud)


def test_at_home_nothing_is_on_aws():
    assert load({**CLOUD, "SLUICE_BACKEND": "local"}).cloud is None


@pytest.mark.parametrize("name", sorted(CLOUD.keys() - {"SLUICE_BACKEND", "SLUICE_LINKS_KEY"}))
def test_what_is_missing_on_aws_is_told(name):
    remedy = f"{name} is missing; with SLUICE_BACKEND=aws it is needed, and terraform apply sets it"
    assert problems_of({**CLOUD, name: ""}) == [remedy]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PROT", "SLUICE_PORT is one; "),
        ("WORKER", "SLUICE_WORKERS is one; "),
        ("UPLOAD_MAX_BYTES", "SLUICE_MAX_UPLOAD_BYTES is one; "),
        ("DATA_DIR", "SLUICE_DATA is one; "),
        ("TOKENS", "SLUICE_TOKEN is one; "),
        ("BACKUPS_GO_TO", ""),
    ],
)
def test_a_name_that_is_no_setting_is_told_but_stops_nothing(name, meant):
    environ = {f"SLUICE_{name}": "9000"}
    assert load(environ) == load({})
    (found,) = unknown(environ)
    assert found.words == f"SLUICE_{name} is not a setting of Sluice"
    assert found.remedy == f"{meant}.env.example lists those there are"


def test_what_the_client_reads_and_what_is_empty_is_no_misspelt_setting():
    assert unknown({"SLUICE_SERVER": "a", "SLUICE_TOKEN": "b", "SLUICE_PROT": "", "SLUICE_PORT_FILE": "/none"}) == []


def test_what_is_missing_may_be_misspelt():
    problems = problems_of({"SLUICE_ISSUER": "https://login.example.org", "SLUICE_CLIENTID": "sluice"})
    assert problems[0].startswith("SLUICE_CLIENT_ID is missing")
    assert problems[1].startswith("SLUICE_CLIENTID is not a setting of Sluice; SLUICE_CLIENT_ID is one; ")


def test_other_programs_variables_are_not_ours():
    assert load({"PORT": "1", "PATH": "/bin"}).port == 8000


def test_an_empty_variable_is_an_unset_one():
    assert load({"SLUICE_ISSUER": "", "SLUICE_WORKERS": ""}).local_identity


def test_another_issuer_switches_the_local_identity_off():
    settings = load({"SLUICE_ISSUER": "https://id.example.org/", "SLUICE_CLIENT_ID": "web"})
    assert (settings.issuer, settings.client_id, settings.local_identity) == ("https://id.example.org/", "web", False)
    assert jwks_url(settings) == "https://id.example.org/.well-known/jwks.json"


def test_another_issuer_needs_its_client_id():
    (problem,) = problems_of({"SLUICE_ISSUER": "https://id.example.org"})
    assert problem.startswith("SLUICE_CLIENT_ID is missing")


def test_a_secret_can_come_from_a_file(tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")
    settings = load({"SLUICE_STORAGE_SECRET_KEY_FILE": str(tmp_path / "secret")})
    assert settings.storage_secret_key == "s3cret"


def test_a_file_that_can_not_be_read_is_told():
    (problem,) = problems_of({"SLUICE_SMTP_URL_FILE": "/nowhere/at/all"})
    assert problem.startswith("SLUICE_SMTP_URL_FILE can't be read")


def test_a_value_and_its_file_are_one_too_many(tmp_path):
    (tmp_path / "key").write_text("b")
    (problem,) = problems_of({"SLUICE_CLIENT_ID": "a", "SLUICE_CLIENT_ID_FILE": str(tmp_path / "key")})
    assert "both set" in problem


def test_origins_are_a_list():
    settings = load({"SLUICE_CORS_ORIGINS": "https://a.example, http://localhost:3000/"})
    assert settings.cors_origins == ("https://a.example", "http://localhost:3000")


def test_an_origin_with_a_path_is_none():
    assert "origins like" in problems_of({"SLUICE_CORS_ORIGINS": "https://a.example/path"})[0]


@pytest.mark.parametrize(
    "value",
    [
        "smtp://mail.example.org:587587",
        "smtp://mail.example.org:0",
        "smtp://mail.example.org:mail",
        "smtp://mail.exam ple.org",
        "smtp://mail.example.org\n",
        "smtp://:25",
        "smtp://[::1",
        f"smtp://{70 * 'a'}.org",
        "smtp://mail..example.org",
    ],
)
def test_what_can_not_be_called_is_no_address(value):
    (problem,) = problems_of({"SLUICE_SMTP_URL": value})
    assert problem.endswith("give an address that starts with smtp:// or smtps:// or smtp+starttls://")


@pytest.mark.parametrize("value", ["smtp://localhost", "smtp://[::1]:25", "smtp://my_mail.örg.", "smtp://192.0.2.1"])
def test_what_can_be_called_is_an_address(value):
    assert load({"SLUICE_SMTP_URL": value}).smtp_url == value


@pytest.mark.parametrize("name", ["PUBLIC_URL", "ISSUER"])
@pytest.mark.parametrize(
    "value", ["https://a.example/?x=1", "https://a.example/#top", "https://a.example?", "a.example"]
)
def test_what_no_path_can_be_put_behind_is_no_address_of_a_site(name, value):
    (problem,) = problems_of({f"SLUICE_{name}": value, "SLUICE_CLIENT_ID": "web"})
    assert problem == (
        f"SLUICE_{name} is '{value}'; give an address that starts with http:// or https://, without ? and #"
    )


@pytest.mark.parametrize("value", ["AKIA0123456789ABCDEF", "my-key_1.b", "a+b=@c:d"])
def test_an_access_key_is_a_word(value):
    assert load({"SLUICE_STORAGE_ACCESS_KEY": value}).storage_access_key == value


@pytest.mark.parametrize("value", ["a/b", "a b", "clé", "a\nb"])
def test_an_access_key_that_no_credential_can_hold_is_refused(value):
    (problem,) = problems_of({"SLUICE_STORAGE_ACCESS_KEY": value})
    assert problem.endswith("give letters, digits and signs other than the slash")


def test_a_password_in_an_address_that_can_not_be_used_is_not_shown():
    (problem,) = problems_of({"SLUICE_SMTP_URL": "smtp://post:hu@sh@mail.example.org:587587"})
    assert "'smtp://post:…@mail.example.org:587587'" in problem


@pytest.mark.parametrize("value", ["https://a.example:99999", "https://a.exam ple", "https://:443", "https://["])
def test_what_can_not_be_called_is_no_origin(value):
    (problem,) = problems_of({"SLUICE_CORS_ORIGINS": f"https://b.example,{value}"})
    assert problem.endswith("give origins like https://www.example.org, separated by commas")


@pytest.mark.parametrize(
    "value", ["no-reply@example.org", "Müller & Co. <a@b>", '"Ann, Bob" <a@b>', "<a@b>", "Sluice (new) <a@b>"]
)
def test_letters_come_from_an_address_with_or_without_a_name(value):
    assert load({"SLUICE_MAIL_FROM": value}).mail_from == value


@pytest.mark.parametrize(
    "value", ["Sluice", "Sluice <a@b>\nBcc: all@b", "Slu\rice <a@b>", "Sluice <a@b", "Ann, Bob <a@b>", "a@b@c", "a b@c"]
)
def test_what_no_letter_can_come_from_is_refused(value):
    (problem,) = problems_of({"SLUICE_MAIL_FROM": value})
    assert problem.endswith("give an address like no-reply@example.org or Sluice <no-reply@example.org>")


@pytest.mark.parametrize("value", ["geheimnisträger", "line\nbreak", "blank at the end "])
def test_a_token_that_no_header_brings_is_refused_and_not_shown(value):
    (problem,) = problems_of({"SLUICE_METRICS_TOKEN": value})
    assert problem.startswith("SLUICE_METRICS_TOKEN can't come in a header")
    assert value not in problem


def test_any_other_token_is_taken():
    assert load({"SLUICE_METRICS_TOKEN": "s3cret !~"}).metrics_token == "s3cret !~"


def test_secrets_are_not_shown():
    assert "hush" not in repr(Settings(storage_secret_key="hush", smtp_url="smtp://u:hush@h"))


def test_missing_tools_are_told_with_what_to_install():
    with pytest.raises(BadSettings) as bad:
        require_tools(Settings(ffmpeg="/no/ffmpeg", ffprobe="/no/ffprobe"))
    assert [re.findall(r"SLUICE_\w+", problem) for problem in bad.value.problems] == [
        ["SLUICE_FFMPEG"],
        ["SLUICE_FFPROBE"],
    ]


def test_the_example_names_every_setting_and_loads():
    lines = [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")]
    environ = dict(line.split("=", 1) for line in lines)
    settings = load(environ)
    assert settings == load({})
    names = Settings.__dataclass_fields__.keys() - {"external_issuer", "cloud", "fair_use"}
    names |= Cloud.__dataclass_fields__.keys() | FairUse.__dataclass_fields__.keys()
    fields = {name.upper() for name in names} | {"ISSUER"}
    assert {name.removeprefix("SLUICE_") for name in environ} == fields


def test_the_readme_lists_settings_that_there_are_each_once():
    rows = [line.split("|")[1] for line in README.read_text().splitlines() if line.startswith("| `SLUICE_")]
    named = re.findall(r"`(SLUICE_\w+)`", " ".join(rows))
    assert len(named) == len(set(named))
    assert set(named) <= set(re.findall(r"^SLUICE_\w+", EXAMPLE.read_text(), re.MULTILINE))


def test_proxies_are_addresses_or_networks():
    proxies = load({"SLUICE_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/24,::1"}).trusted_proxies
    assert [str(one) for one in proxies] == ["127.0.0.1/32", "10.0.0.0/24", "::1/128"]


@pytest.mark.parametrize("value", ["nginx", "10.0.0.1/24", "*"])
def test_what_is_no_address_of_a_proxy_is_refused(value):
    (problem,) = problems_of({"SLUICE_TRUSTED_PROXIES": value})
    assert problem.endswith("give addresses or networks like 127.0.0.1,10.0.0.0/24")


@pytest.mark.parametrize(("value", "location"), [("/.media/", "/.media"), ("/a/b-c", "/a/b-c"), ("", None)])
def test_the_proxys_own_address_of_the_media(value, location):
    assert load({"SLUICE_ACCEL": value}).accel == location


@pytest.mark.parametrize("value", ["media", "/", "//media", "/a b", "/a\r\nX: y", "https://example.org/media"])
def test_what_is_no_address_of_a_proxys_is_refused(value):
    with pytest.raises(BadSettings, match="SLUICE_ACCEL"):
        load({"SLUICE_ACCEL": value})
