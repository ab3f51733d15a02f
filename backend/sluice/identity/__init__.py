"""The local identity service: it speaks Cognito's protocol, so that the site and the API can't tell the difference."""

from .service import Identity, build

__all__ = ["Identity", "build"]
