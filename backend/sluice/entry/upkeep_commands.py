"""The operator's part of the `sluice` command. Importing it costs nothing but click and the settings."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sluice.interruption import terminable

from .starting import ready, remedies

if TYPE_CHECKING:
    from sluice.adapters.local.queue_room import QueueRoom
    from sluice.upkeep.place import Place
    from sluice.upkeep.unowned import Unowned

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
_NUMBERS = click.argument("numbers", nargs=-1, type=int)
_ALL = click.option("--all", "every", is_flag=True, help="Every dead letter.")
_DIR = click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))


@click.command()
@_JSON
@remedies
@terminable()
def doctor(as_json: bool) -> None:
    """Look whether all is well, and say what to do where it is not."""
    from sluice.upkeep.doctor import examine

    sick = 0
    for finding in examine(ready(tells_unknown=False)):
        sick += not finding.well
        if as_json:
            click.echo(json.dumps({"well": finding.well, **asdict(finding)}))
            continue
        click.echo(f"{'ok  ' if finding.well else 'NO  '} {finding.name:<12} {finding.words}")
        if finding.remedy:
            click.echo(f"{'':<17} -> {finding.remedy}")
    sys.exit(1 if sick else 0)


@click.group(invoke_without_command=True)
@_JSON
@click.pass_context
@remedies
def queue(ctx: click.Context, as_json: bool) -> None:
    """Show the lanes, what is being worked on, and dead letters with their reason."""
    if ctx.invoked_subcommand is None:
        room = _place().queue
        _print_json(room) if as_json else _print_room(room)


@queue.command()
@_NUMBERS
@_ALL
@remedies
def replay(numbers: tuple[int, ...], every: bool) -> None:
    """Let dead letters be delivered again, by their NUMBERS."""
    room = _place().queue
    for number in _chosen(room, numbers, every):
        room.replay(number)
        click.echo(number)


# What it was called at first.
queue.add_command(click.Command("send-back", params=replay.params, callback=replay.callback, hidden=True))


@queue.command()
@_NUMBERS
@_ALL
@remedies
def drop(numbers: tuple[int, ...], every: bool) -> None:
    """Forget dead letters, by their NUMBERS."""
    room = _place().queue
    for number in _chosen(room, numbers, every):
        room.drop(number)
        click.echo(number)


@click.command()
@click.option("--state", type=click.Choice(["pending", "processing", "done", "failed"]), help="Only those.")
@click.option("--stuck", is_flag=True, help="Only those that don't seem to get on; exit code 1 if there are any.")
@click.option("-n", "--limit", type=click.IntRange(0), default=50, show_default=True, help="How many; 0 is all.")
@_JSON
@remedies
def videos(state: str | None, stuck: bool, limit: int, as_json: bool) -> None:
    """List everybody's videos, newest first, with what holds them up."""
    from sluice.upkeep.video_list import entries

    place, shown = _place(), 0
    for entry in entries(place, state, stuck=stuck, limit=limit):
        click.echo(json.dumps(entry.plain()) if as_json else entry.line())
        shown += 1
    if not as_json:
        many = ", ".join(f"{many} {name}" for name, many in sorted(place.videos.counts().items()))
        click.echo(f"in all: {many or 'none'}", err=True)
    sys.exit(1 if stuck and shown else 0)


@click.command()
@_DIR
@remedies
@terminable()
def backup(folder: Path) -> None:
    """Save everything to DIR, which is new, while Sluice runs.

    On the same disk files are linked, not copied; on another one, where a backup belongs, they are copied."""
    from sluice.upkeep.backup import back_up

    saved = back_up(_place(), folder.absolute())
    for video_id in saved.torn:
        click.echo(f"sluice: {video_id} has no files; the service has none either", err=True)
    click.echo(f"{saved.content.videos} videos, {saved.content.files} files in {saved.folder}")


@click.command()
@_DIR
@remedies
@terminable()
def restore(folder: Path) -> None:
    """Put the backup in DIR into SLUICE_DATA, which is empty."""
    from sluice.upkeep.backup import restore as restore_to

    settings = ready()
    restore_to(folder.absolute(), settings.data)
    click.echo(f"restored to {settings.data}")


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@remedies
def gc(dry_run: bool) -> None:
    """Remove files that belong to no video; exit code 1 if some can't be."""
    from sluice.upkeep.place import Place
    from sluice.upkeep.unowned import find

    settings, freed, left = ready(), 0, 0
    for one in find(Place(settings), settings):
        click.echo(f"{one.path}\t{one.size}\t{one.why}")
        if dry_run or _is_removed(one):
            freed += one.size
        else:
            left += 1
    click.echo(f"{freed} bytes {'would be ' if dry_run else ''}freed", err=True)
    sys.exit(1 if left else 0)


def _is_removed(one: "Unowned") -> bool:
    try:
        one.remove()
    except OSError as error:
        click.echo(f"sluice: {one.path} can't be removed: {error}", err=True)
        return False
    return True


def _place() -> "Place":
    from sluice.upkeep.place import Place

    return Place(ready())


def _chosen(room: "QueueRoom", numbers: tuple[int, ...], every: bool) -> list[int]:
    if bool(numbers) == every:
        raise click.UsageError("give the numbers that `sluice queue` shows, or --all")
    return [letter.number for letter in room.dead()] if every else list(numbers)


def _print_json(room: "QueueRoom") -> None:
    letters = {"leased": room.leased(), "dead": room.dead()}
    plain = {name: [asdict(letter) for letter in found] for name, found in letters.items()}
    click.echo(json.dumps({"lanes": [asdict(lane) for lane in room.lanes()], **plain}))


def _print_room(room: "QueueRoom") -> None:
    click.echo(f"{'lane':<10} {'waiting':>8} {'later':>6} {'worked on':>10} {'dead':>5}  oldest")
    for lane in room.lanes():
        oldest = "" if lane.oldest_s is None else f"{lane.oldest_s:.0f} s"
        click.echo(f"{lane.name:<10} {lane.waiting:>8} {lane.later:>6} {lane.leased:>10} {lane.dead:>5}  {oldest}")
    for letter in room.leased():
        click.echo(f"worked on: {letter.lane} {letter.kind} {letter.video_id or ''} by process {letter.pid}")
    for letter in room.dead():
        words = f"dead {letter.number}: {letter.lane} {letter.kind} {letter.video_id or ''}"
        click.echo(f"{words}, {letter.age_s:.0f} s old, tried {letter.receives} times: {letter.error}")
