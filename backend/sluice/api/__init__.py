"""The HTTP API: `create_app` puts it together."""

from .app import create_app

__all__ = ["create_app"]
