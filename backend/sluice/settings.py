"""Everything that can be set, read once from the environment; every problem is told at once, with its remedy."""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import field, fields
from pathlib import Path
from urllib.parse import urlsplit

from .machine import busy_cores
from .records import dataclass
from .variables import PREFIX, Network, Unknown, Variables

POOL_ID = "local_Sluice"
LOCAL_CLIENT_ID = "sluicelocal"
# Where the site's build leaves it in a checkout.
SITE = Path(__file__).parents[2] / "frontend" / "out"
INSTALL_TOOLS = "install ffmpeg (apt-get install ffmpeg, or brew install ffmpeg)"
_COGNITO = re.compile(r"https://cognito-idp\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<pool>[\w-]+)")


class BadSettings(Exception):
    """The environment can't be used; `problems` has one line each, ending in what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Cloud:
    """What Terraform made on AWS; the region and the credentials are in the surroundings of every function."""

    table: str
    raw_bucket: str
    media_bucket: str
    sources_queue: str
    encodes_queue: str
    tasks_queue: str
    encoder_role: str
    encoder_queue: str
    links_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class FairUse:
    """What one user, or one address, may take of it; so much that only who means harm gets there. 0 is no bound."""

    uploads_at_once: int = 10_000
    stored_minutes: int = 100_000
    stored_bytes: int = 10**12
    user_calls_per_minute: int = 6000
    address_calls_per_minute: int = 3000
    address_sign_ups_per_hour: int = 1000


@dataclass(frozen=True)
class Settings:
    """What the operator decided. Secrets that are None are made at the first start and kept in the data folder."""

    backend: str = "local"
    cloud: Cloud | None = None
    data: Path = Path("data")
    site: Path = SITE
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = "http://localhost:8000"
    external_issuer: str | None = None
    client_id: str = LOCAL_CLIENT_ID
    jwks_url: str | None = None
    storage_access_key: str | None = None
    storage_secret_key: str | None = field(default=None, repr=False)
    max_upload_bytes: int = 100_000_000
    upload_ttl_s: int = 3600
    max_duration_s: int = 6 * 3600
    daily_minutes: int = 0
    fair_use: FairUse = FairUse()
    tall_rungs: bool = False
    copy_top: bool = True
    copy_sound: bool = True
    keep_source: bool = False
    reserve_bytes: int = 0
    workers: int = 1
    web_processes: int = 2
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()
    accel: str | None = None
    stop_s: int = 3
    password_auth: bool = False
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = "Sluice <no-reply@localhost>"
    ffmpeg: str = "ffmpeg"
    ffprobe: str = "ffprobe"
    log_level: str = "INFO"
    log_format: str = "text"
    metrics_token: str | None = field(default=None, repr=False)

    @property
    def local_identity(self) -> bool:
        """Whether users sign in with the identity service that comes with Sluice."""
        return self.external_issuer is None

    @property
    def shows_outbox(self) -> bool:
        """Whether confirmation codes are shown on this machine instead of being mailed."""
        at_home = urlsplit(self.public_url).hostname in ("localhost", "127.0.0.1", "::1")
        return self.local_identity and not self.smtp_url and at_home

    @property
    def issuer(self) -> str:
        """Whose tokens the API trusts."""
        return self.external_issuer or f"{self.public_url}/cognito/{POOL_ID}"


@dataclass(frozen=True)
class CognitoPool:
    """A user pool of Amazon Cognito."""

    region: str
    id: str


def cognito_pool(issuer: str) -> CognitoPool | None:
    """The pool whose tokens this issuer's are; None if it is no Cognito pool."""
    found = _COGNITO.fullmatch(issuer)
    return CognitoPool(found["region"], found["pool"]) if found else None


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in the environment; raises BadSettings with everything that is wrong."""
    reader = Variables(os.environ if environ is None else environ)
    settings = _read(reader)
    if reader.problems:
        # What is missing may be there under a name that is misspelt.
        raise BadSettings([*reader.problems, *(f"{one.words}; {one.remedy}" for one in reader.unknown())])
    return settings


def unknown(environ: Mapping[str, str] | None = None) -> list[Unknown]:
    """What is in the environment as if it were a setting of ours, and is none."""
    reader = Variables(os.environ if environ is None else environ)
    _read(reader)
    return reader.unknown()


def require_tools(settings: Settings) -> None:
    """Raise BadSettings unless ffmpeg and ffprobe are there."""
    wanted = {"FFMPEG": settings.ffmpeg, "FFPROBE": settings.ffprobe}
    missing = [
        f"{tool} not found; {INSTALL_TOOLS} or set {PREFIX}{name}"
        for name, tool in wanted.items()
        if shutil.which(tool) is None
    ]
    if missing:
        raise BadSettings(missing)


def _read(reader: Variables) -> Settings:
    default = Settings()
    port = reader.whole("PORT", default.port, 1, 65535)
    backend = reader.choice("BACKEND", default.backend, ("local", "aws"))
    cloud = _read_cloud(reader, required=backend == "aws")
    issuer = reader.base("ISSUER")
    client_id = reader.text("CLIENT_ID", None)
    if issuer and not client_id and cloud is None:
        reader.problem("CLIENT_ID", "is missing; with SLUICE_ISSUER set, give the client id its access tokens carry")
    return Settings(
        backend=backend,
        cloud=cloud,
        data=Path(reader.text("DATA", str(default.data)) or "").expanduser().absolute(),
        site=Path(reader.text("SITE", str(default.site)) or "").expanduser().absolute(),
        host=reader.text("HOST", default.host) or default.host,
        port=port,
        public_url=(reader.base("PUBLIC_URL") or f"http://localhost:{port}").rstrip("/"),
        external_issuer=issuer,
        client_id=client_id or default.client_id,
        jwks_url=reader.url("JWKS_URL", None),
        storage_access_key=reader.access_key("STORAGE_ACCESS_KEY"),
        storage_secret_key=reader.text("STORAGE_SECRET_KEY", None),
        max_upload_bytes=reader.whole("MAX_UPLOAD_BYTES", default.max_upload_bytes, 1, 5 << 40),
        upload_ttl_s=reader.whole("UPLOAD_TTL_S", default.upload_ttl_s, 1, 7 * 86400),
        max_duration_s=reader.whole("MAX_DURATION_S", default.max_duration_s, 1, 48 * 3600),
        daily_minutes=reader.whole("DAILY_MINUTES", default.daily_minutes, 0, 24 * 60),
        fair_use=_read_fair_use(reader),
        tall_rungs=reader.switch("TALL_RUNGS", default.tall_rungs),
        copy_top=reader.switch("COPY_TOP", default.copy_top),
        copy_sound=reader.switch("COPY_SOUND", default.copy_sound),
        keep_source=reader.switch("KEEP_SOURCE", default.keep_source),
        reserve_bytes=reader.whole("RESERVE_BYTES", default.reserve_bytes, 0, 1 << 50),
        workers=reader.whole("WORKERS", min(64, busy_cores()), 1, 64),
        web_processes=reader.whole("WEB_PROCESSES", max(2, min(4, busy_cores())), 1, 64),
        cors_origins=reader.origins("CORS_ORIGINS"),
        trusted_proxies=reader.networks("TRUSTED_PROXIES"),
        accel=reader.location("ACCEL"),
        stop_s=reader.whole("STOP_S", default.stop_s, 1, 3600),
        password_auth=reader.switch("PASSWORD_AUTH", default.password_auth),
        smtp_url=reader.url("SMTP_URL", None, schemes=("smtp", "smtps", "smtp+starttls")),
        mail_from=reader.sender("MAIL_FROM", default.mail_from),
        ffmpeg=reader.text("FFMPEG", default.ffmpeg) or "",
        ffprobe=reader.text("FFPROBE", default.ffprobe) or "",
        log_format=reader.choice("LOG_FORMAT", default.log_format, ("text", "json")),
        metrics_token=reader.bearer("METRICS_TOKEN"),
        log_level=reader.choice("LOG_LEVEL", default.log_level, ("DEBUG", "INFO", "WARNING", "ERROR")),
    )


def _read_cloud(reader: Variables, *, required: bool) -> Cloud | None:
    """Where things are on AWS; None at home, where these settings have no meaning."""
    given = {one.name: reader.text(one.name.upper(), None) for one in fields(Cloud)}
    if not required:
        return None
    # Of all functions, only the API gives out media addresses.
    asked = {name.upper(): value for name, value in given.items() if name != "links_key"}
    asked |= {name: reader.text(name, None) for name in ("ISSUER", "CLIENT_ID", "PUBLIC_URL")}
    for name in (name for name, value in asked.items() if not value):
        reader.problem(name, f"is missing; with {PREFIX}BACKEND=aws it is needed, and terraform apply sets it")
    links_key = given.pop("links_key")
    return Cloud(**{name: value or "" for name, value in given.items()}, links_key=links_key)


def _read_fair_use(reader: Variables) -> FairUse:
    usual = vars(FairUse())
    return FairUse(**{name: reader.whole(name.upper(), bound, 0, 10**15) for name, bound in usual.items()})
