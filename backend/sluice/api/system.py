"""The service itself: whether it answers, and what a site needs to know of it."""

from collections.abc import Callable

from flask import Response

from sluice.settings import POOL_ID, Settings, cognito_pool

from . import openapi
from .answers import answer
from .context import house
from .openapi import Described, documented
from .schemas import Health, SiteConfig

LOCAL_REGION = "us-east-1"


def blueprint(ready: Callable[[], None]) -> Described:
    """Health and configuration; `ready` raises Unavailable while something behind the API does not answer."""
    system = Described("system", __name__, openapi.SYSTEM)

    @system.get("/api/health", operation_id="getHealth", security=[], responses=documented({200: Health}))
    def get_health() -> Response:
        """Whether the service answers."""
        ready()
        return _unstored(answer(Health(status="ok")))

    @system.get("/config.json", operation_id="getSiteConfig", security=[], responses={200: SiteConfig})
    def get_site_config() -> Response:
        """What a site needs to know at run time."""
        return _unstored(answer(site_config(house().settings)))

    return system


def site_config(settings: Settings) -> SiteConfig:
    """The settings that are no secret and that a browser needs."""
    region, pool_id = _pool(settings)
    return SiteConfig(
        backend=settings.backend,
        issuer=settings.issuer,
        region=region,
        user_pool_id=pool_id,
        user_pool_client_id=settings.client_id,
        user_pool_endpoint=f"{settings.public_url}/cognito" if settings.local_identity else None,
        outbox_url=f"{settings.public_url}/cognito/outbox" if settings.shows_outbox else None,
        public_url=settings.public_url,
        api_url="/api",
        max_upload_bytes=settings.max_upload_bytes,
    )


def _pool(settings: Settings) -> tuple[str | None, str | None]:
    if settings.local_identity:
        return LOCAL_REGION, POOL_ID
    pool = cognito_pool(settings.issuer)
    return (pool.region, pool.id) if pool else (None, None)


def _unstored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
