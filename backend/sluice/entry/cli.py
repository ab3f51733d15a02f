"""The `sluice` command: what runs and feeds this installation."""

import json
import logging
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from sluice import settings as reading
from sluice.errors import SluiceError
from sluice.ladder import Source, plan
from sluice.messages import LANES
from sluice.settings import BadSettings, Settings

P = ParamSpec("P")
R = TypeVar("R")


def _remedies(command: Callable[P, R]) -> Callable[P, R]:
    """Tell an operator what to do, instead of showing a traceback."""

    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except BadSettings as bad:
            for problem in bad.problems:
                click.echo(f"sluice: {problem}", err=True)
            sys.exit(2)
        except (SluiceError, OSError) as error:
            click.echo(f"sluice: {error}", err=True)
            sys.exit(1)

    return told


_tied = click.option("--tied-to", type=int, hidden=True, help="End when the parent with this process id is gone.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sluice")
def main() -> None:
    """Own your video streaming. Settings come from SLUICE_* in the environment; .env.example lists them."""


@main.command()
@_remedies
def run() -> None:
    """Start everything: the web server, the workers, and again whatever of them dies."""
    from .processes import supervise

    settings = _ready()
    reading.require_tools(settings)
    supervise(settings)


@main.command()
@_tied
@_remedies
def serve(tied_to: int | None) -> None:
    """Run the web server alone."""
    from .processes import tie_to
    from .serve import serve_forever

    tie_to(tied_to)
    serve_forever(_ready())


@main.command()
@click.argument("lanes", nargs=-1)
@_tied
@_remedies
def worker(lanes: tuple[str, ...], tied_to: int | None) -> None:
    """Run a worker alone, for the given LANES (sources encodes tasks encoder), or for all of them."""
    from sluice.wiring.local import local_home

    from .processes import tie_to
    from .worker import ALL_LANES, Worker

    tie_to(tied_to)
    if unknown := set(lanes) - set(ALL_LANES):
        raise click.BadParameter(f"{', '.join(sorted(unknown))}: not a lane; there are {', '.join(ALL_LANES)}")
    settings = _ready()
    reading.require_tools(settings)
    Worker(local_home(settings), lanes or ALL_LANES).run()


@main.command()
@click.argument("lane", type=click.Choice(LANES))
@_remedies
def invoke(lane: str) -> None:
    """Feed an event as SQS hands it to Lambda, read from standard input, to LANE; print the batch result."""
    from sluice.wiring import build

    from .lambdas import on_queue

    try:
        event = json.load(sys.stdin)
        records = event["Records"]
        complete = all({"messageId", "body"} <= record.keys() for record in records)
    except (ValueError, TypeError, KeyError, AttributeError):
        complete = False
    if not complete:
        raise click.UsageError('give an event like {"Records": [{"messageId": "1", "body": "..."}]} on standard input')
    settings = _ready()
    click.echo(json.dumps(on_queue(event, build(settings))))


@main.command()
@_remedies
def sweep() -> None:
    """Do now what the worker does every minute: drive whatever is overdue to an end."""
    from sluice.sweep import sweep as sweep_once
    from sluice.wiring import build

    sweep_once(build(_ready()))


@main.command()
def openapi() -> None:
    """Print the API's description; what clients are generated from."""
    from sluice.api.app import description

    click.echo(json.dumps(description(), indent=1))


@main.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--duration", type=click.FloatRange(0.01, 48 * 3600), help="Seconds, where there is no FILE.")
@click.option("--height", type=click.IntRange(2, 8640), help="Lines of the picture, where there is no FILE.")
@click.option("--width", type=click.IntRange(2, 8640), help="Columns of the picture; 16:9 by default.")
@click.option("--fps", type=click.FloatRange(0.01, 1000), default=30.0, show_default=True, help="Frames a second.")
@click.option("--hours-watched", type=click.FloatRange(0), default=1.0, show_default=True, help="By all its viewers.")
@click.option("--prices", "price_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Others.")
@click.option("--json", "for_programs", is_flag=True, help="For programs.")
@click.option("--tables", is_flag=True, help="The tables of docs/COST.md instead.")
@_remedies
def quote(
    file: Path | None,
    duration: float | None,
    height: int | None,
    width: int | None,
    fps: float,
    hours_watched: float,
    price_file: Path | None,
    for_programs: bool,
    tables: bool,
) -> None:
    """What a video costs on AWS: that in FILE, or one of a --duration and --height."""
    from sluice import prices
    from sluice.quote import film
    from sluice.quote import quote as price_of

    from . import quoting

    known = prices.load(price_file)
    if tables:
        click.echo(quoting.tables(known))
        return
    settings = reading.load()
    if bool(file) == bool(duration or height) or bool(duration) != bool(height):
        raise click.UsageError("give a FILE, or a --duration in seconds and a --height")
    source = _probed(file, settings) if file else film(duration or 0, height or 0, width=width, fps=fps)
    found = price_of(plan(source, tall=settings.tall_rungs), known, hours_watched=hours_watched)
    click.echo(quoting.as_json(found, known) if for_programs else quoting.as_text(found, known))


def _probed(file: Path, settings: Settings) -> Source:
    from sluice.adapters.ffprobe import Ffprobe

    reading.require_tools(settings)
    return Ffprobe(settings)(str(file))


@main.group()
def keys() -> None:
    """The keys that sign tokens."""


@keys.command()
@_remedies
def rotate() -> None:
    """Sign with a new key from now on; tokens of the old one stay valid until they expire."""
    from sluice.wiring.local import local_home

    identity = local_home(_ready()).identity
    if identity is None:
        raise click.ClickException("the identity is not local (SLUICE_ISSUER is set); rotate its keys where it runs")
    click.echo(f"new signing key: {identity.rotate_keys()}")


def _ready() -> Settings:
    """The settings, with logging set up as they say."""
    settings = reading.load()
    logging.basicConfig(
        level=settings.log_level,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
    # botocore tells of credentials and endpoints at INFO; none of it is ours to know.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    return settings
