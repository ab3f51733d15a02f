"""How every command of this installation begins, and how it ends where it can't go on."""

import logging
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from sluice import settings as reading
from sluice.errors import SluiceError
from sluice.interruption import INTERRUPTED
from sluice.settings import BadSettings, Settings
from sluice.variables import PREFIX

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)


def remedies(command: Callable[P, R]) -> Callable[P, R]:
    """Tell an operator what to do, instead of showing a traceback."""

    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except BadSettings as bad:
            for problem in bad.problems:
                click.echo(f"sluice: {problem}", err=True)
            sys.exit(2)
        except BrokenPipeError:
            # Whoever read our output has had enough of it.
            raise
        except (SluiceError, OSError) as error:
            click.echo(f"sluice: {error}", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("sluice: interrupted", err=True)
            sys.exit(INTERRUPTED)

    return told


def ready(*, tells_unknown: bool = True) -> Settings:
    """The settings, with logging set up as they say; what is set and is none of them is told there."""
    settings = reading.load()
    writer = logging.StreamHandler(sys.stderr)
    writer.setFormatter(_formatter(settings))
    logging.basicConfig(level=settings.log_level, handlers=[writer])
    # botocore tells of credentials and endpoints at INFO; none of it is ours to know.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    for one in reading.unknown() if tells_unknown else ():
        log.warning("%s; %s", one.words, one.remedy)
    return settings


def try_tools(settings: Settings) -> None:
    """Raise BadSettings unless ffmpeg and ffprobe can do here what encodes ask of them."""
    from sluice.adapters import tools

    reading.require_tools(settings)
    if fault := tools.fault(settings):
        raise BadSettings([f"{fault.words}; {reading.INSTALL_TOOLS} or set {PREFIX}{fault.tool.upper()}"])


def _formatter(settings: Settings) -> logging.Formatter:
    if settings.log_format == "text":
        return logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    from .lambda_logs import JsonLines

    return JsonLines()
