"""What the client's commands have in common: options, how they end, where words and data go."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import click

from sluice.interruption import INTERRUPTED, terminable

from .terminal import is_terminal, plain
from .words import description_misfit, title_misfit

if TYPE_CHECKING:
    from .desk import Desk
    from .sessions import Sessions

P = ParamSpec("P")

VISIBILITY = click.Choice(["public", "unlisted", "private"])
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
SERVER = click.option(
    "--server",
    metavar="URL",
    help="Which Sluice. Without it: SLUICE_SERVER, or where you signed in last, or http://localhost:8000.",
)


class VideoId(click.ParamType[str]):
    """A video's id, or any address that holds one."""

    name = "video"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        import re

        found: list[str] = re.findall(r"(?<![0-9A-Za-z])[0-7][0-9A-HJKMNP-TV-Z]{25}(?![0-9A-Za-z])", value.upper())
        if len(found) != 1:
            self.fail(f"{value!r} is neither a video's id nor its address", param, ctx)
        return found[0]


class Words(click.ParamType[str]):
    """A title or a description, refused here where a server would refuse it after all the bytes of a film."""

    name = "text"

    def __init__(self, misfit: Callable[[str], str | None]) -> None:
        self._misfit = misfit

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if why := self._misfit(value):
            self.fail(why, param, ctx)
        return value


TITLE = Words(title_misfit)
DESCRIPTION = Words(description_misfit)
VIDEO = click.argument("video_id", metavar="VIDEO", type=VideoId())


def told(command: Callable[P, None]) -> Callable[P, None]:
    """The command, ending in one line and an exit code where it fails."""

    @wraps(command)
    def telling(*args: P.args, **kwargs: P.kwargs) -> None:
        from .troubles import Trouble

        try:
            with terminable():
                command(*args, **kwargs)
        except Trouble as trouble:
            say(f"sluice: {trouble}")
            sys.exit(trouble.exit_code)
        except BrokenPipeError:
            # Whoever read our output has had enough of it.
            raise
        except OSError as error:
            say(f"sluice: {error}")
            sys.exit(Trouble.exit_code)
        except (KeyboardInterrupt, click.Abort):
            say("sluice: interrupted")
            sys.exit(INTERRUPTED)

    return telling


def say(words: str) -> None:
    """Words for people, if there is still a terminal to read them on; data goes to standard output."""
    with suppress(OSError):
        click.echo(plain(words), err=True)


def sessions() -> "Sessions":
    """Who is signed in where."""
    from .sessions import Sessions

    return Sessions(Path(click.get_app_dir("sluice")))


def desk(server: str | None) -> "Desk":
    """The server meant, and who is signed in there."""
    from .desk import open_desk

    return open_desk(server, sessions(), lambda words: say(f"sluice: {words}"))


def print_json(content: Any) -> None:
    """One object on one line."""
    click.echo(json.dumps(content))


def coloured(text: str, colour: str | None) -> str:
    shown = is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return click.style(text, fg=colour) if shown and colour else text
