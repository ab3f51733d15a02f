"""The `sluice` command: what runs and feeds this installation, and where the rest of the command is."""

import json
import math
import sys
from pathlib import Path
from typing import Any

import click

from sluice import settings as reading
from sluice.ladder import Source, plan
from sluice.messages import LANES

from .sections import Sections
from .starting import ready, remedies, try_tools

_tied = click.option("--tied-to", type=int, hidden=True, help="End when the parent with this process id is gone.")


USE = {
    **dict.fromkeys(("login", "logout"), "sluice.client.account_commands"),
    **dict.fromkeys(
        ("upload", "ls", "show", "edit", "rm", "retry", "download", "open"), "sluice.client.video_commands"
    ),
}
LOOK_AFTER = {
    **dict.fromkeys(("doctor", "queue", "videos", "backup", "restore", "gc"), "sluice.entry.upkeep_commands"),
    "operators": "sluice.entry.operators",
}
RUN = ("run", "serve", "worker", "sweep", "invoke")

EXIT_CODES = """\b
Exit codes: 0 done; 1 refused or failed; 2 wrong usage or settings;
3 not signed in; 4 no such video; 5 the server does not answer;
6 the video could not be encoded; 130 interrupted.
"""


class Amount(click.FloatRange):
    """A number within bounds: nan is within all of them."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found: float = super().convert(value, param, ctx)
        if math.isnan(found):
            self.fail(f"{value!r} is not a number", param, ctx)
        return found


@click.group(
    cls=Sections,
    elsewhere={**USE, **LOOK_AFTER},
    sections={
        "Use any Sluice, here or on AWS": tuple(USE),
        "Run a Sluice here": RUN,
        "Look after it": (*LOOK_AFTER, "keys"),
    },
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)
@click.version_option(package_name="sluice")
def main() -> None:
    """Own your video streaming.

    Settings of a Sluice that runs here come from SLUICE_* in the environment; .env.example lists them."""


@main.command()
@remedies
def run() -> None:
    """Start everything: the web server, the workers, and again whatever of them dies."""
    from . import capacity
    from .processes import supervise

    settings = ready()
    capacity.claim(settings.web_processes)
    reading.require_tools(settings)
    supervise(settings)


@main.command()
@_tied
@remedies
def serve(tied_to: int | None) -> None:
    """Run the web server alone."""
    from sluice.adapters.local.listening import require_port

    from .processes import tie_to
    from .serve import serve_forever

    settings = ready(tells_unknown=tied_to is None)
    if tied_to is None:
        # Its supervisor has asked already, and starts it again where what it follows has not quite let go.
        require_port(settings)
    tie_to(tied_to, settings.stop_s)
    serve_forever(settings)


@main.command()
@click.argument("lanes", nargs=-1)
@_tied
@remedies
def worker(lanes: tuple[str, ...], tied_to: int | None) -> None:
    """Run a worker alone, for the given LANES (sources encodes tasks encoder), or for all of them."""
    from sluice.adapters.local.counters import Counters
    from sluice.vitals.observed import observed
    from sluice.wiring.local import local_home

    from . import capacity
    from .processes import tie_to
    from .worker import ALL_LANES, Worker

    if unknown := set(lanes) - set(ALL_LANES):
        raise click.BadParameter(f"{', '.join(sorted(unknown))}: not a lane; there are {', '.join(ALL_LANES)}")
    settings = ready(tells_unknown=tied_to is None)
    capacity.claim(settings.web_processes)
    tie_to(tied_to, settings.stop_s)
    home = local_home(settings)
    if tied_to is None:
        # Its supervisor has tried them. What breaks later is waited for, and a worker has other things to do as well.
        try_tools(settings)
    Worker(observed(home, Counters(home.bells)), lanes or ALL_LANES).run()


@main.command()
@click.argument("lane", type=click.Choice(LANES))
@remedies
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
    settings = ready()
    click.echo(json.dumps(on_queue(event, build(settings))))


@main.command()
@remedies
def sweep() -> None:
    """Do now what the worker does every 15 s: drive whatever is overdue to an end."""
    from sluice.sweep import sweep as sweep_once
    from sluice.upkeep.place import require_sluice_in
    from sluice.wiring import build

    settings = ready()
    if settings.cloud is None:
        require_sluice_in(settings.data)
    sweep_once(build(settings))


@main.command()
@remedies
def openapi() -> None:
    """Print the API's description; what clients are generated from."""
    from sluice.api.app import description

    click.echo(json.dumps(description(), indent=1))


@main.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--duration", type=Amount(0.01, 48 * 3600), help="Seconds, where there is no FILE.")
@click.option("--height", type=click.IntRange(2, 8640), help="Lines of the picture, where there is no FILE.")
@click.option("--width", type=click.IntRange(2, 8640), help="Columns of the picture; 16:9 by default.")
@click.option("--fps", type=Amount(0.01, 1000), default=30.0, show_default=True, help="Frames a second.")
@click.option("--hours-watched", type=Amount(0, 10**9), default=1.0, show_default=True, help="By all its viewers.")
@click.option("--prices", "price_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Others.")
@click.option("--json", "for_programs", is_flag=True, help="For programs.")
@click.option("--tables", is_flag=True, help="The tables of docs/COST.md instead.")
@remedies
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


def _probed(file: Path, settings: reading.Settings) -> Source:
    from sluice.adapters.ffprobe import Ffprobe

    reading.require_tools(settings)
    return Ffprobe(settings)(str(file))


@main.group()
def keys() -> None:
    """The keys that sign tokens."""


@keys.command()
@remedies
def rotate() -> None:
    """Sign with a new key from now on; tokens of the old one stay valid until they expire."""
    from sluice.upkeep.place import identity_in

    identity = identity_in(ready())
    if identity is None:
        raise click.ClickException("the identity is not local (SLUICE_ISSUER is set); rotate its keys where it runs")
    click.echo(f"new signing key: {identity.rotate_keys()}")


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@remedies
def completion(shell: str) -> None:
    """Print what teaches SHELL to complete this command.

    For bash: add `eval "$(sluice completion bash)"` to ~/.bashrc."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise click.ClickException(f"click does not know {shell}")
    click.echo(kind(main, {}, "sluice", "_SLUICE_COMPLETE").source())
