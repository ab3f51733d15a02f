"""Uploading, looking and changing at the command line."""

import os
import sys
from collections.abc import Iterable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .addresses import watch_page
from .command_line import (
    DESCRIPTION,
    JSON,
    SERVER,
    TITLE,
    VIDEO,
    VISIBILITY,
    VideoId,
    coloured,
    desk,
    print_json,
    say,
    told,
)
from .terminal import is_terminal, plain

if TYPE_CHECKING:
    from .answers import Video
    from .desk import Desk

_STANDARD_OUTPUT = (Path("-"), Path("/dev/stdout"))


@click.command()
@SERVER
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--title", type=TITLE, help="Without it: the file's name, less its ending.")
@click.option("--description", type=DESCRIPTION, default="", help="Plain text.")
@click.option("--visibility", type=VISIBILITY, default="public", show_default=True, help="Who may see it.")
@click.option("--wait", is_flag=True, help="Wait until it is encoded; exit code 6 if that fails.")
@JSON
@told
def upload(
    server: str | None,
    files: tuple[Path, ...],
    title: str | None,
    description: str,
    visibility: str,
    wait: bool,
    as_json: bool,
) -> None:
    """Upload FILES and print their ids and pages.

    A broken connection is tried again. Whatever stops an upload takes it back from the server: Ctrl-C,
    and closing the terminal unless it was begun with nohup."""
    from .upload_run import UploadRun
    from .uploading import Wish
    from .words import title_of

    if title and len(files) > 1:
        raise click.UsageError("--title names one video; upload the files one by one")
    wishes = [Wish(path, title or title_of(path), description, visibility) for path in files]
    sys.exit(UploadRun(desk(server).api, say, _as_json if as_json else _as_line).run(wishes, wait=wait))


def _as_line(video: "Video", page: str) -> None:
    click.echo(f"{plain(video['id'])}\t{page}")


def _as_json(video: "Video", page: str) -> None:
    print_json(video)


@click.command()
@SERVER
@click.option("--public", is_flag=True, help="Everybody's finished public ones instead of your own.")
@click.option("-n", "--limit", type=click.IntRange(0), default=20, show_default=True, help="How many; 0 is all.")
@JSON
@told
def ls(server: str | None, public: bool, limit: int, as_json: bool) -> None:
    """List videos, newest first."""
    from . import showing

    # One more tells whether there are any.
    found = desk(server).api.videos(public=public, limit=limit and limit + 1)
    for video in islice(found, limit or None):
        if as_json:
            print_json(video)
        else:
            before, after = showing.row(video)
            click.echo(f"{before}  {coloured(f'{showing.stage(video):<9}', showing.colour(video))}  {after}")
    if next(found, None):
        say(f"There are more; `sluice ls -n 0{' --public' if public else ''}` lists all.")


@click.command()
@SERVER
@VIDEO
@JSON
@told
def show(server: str | None, video_id: str, as_json: bool) -> None:
    """Show everything about VIDEO."""
    at = desk(server)
    _show(at, at.api.video(video_id), as_json)


@click.command()
@SERVER
@VIDEO
@click.option("--title", type=TITLE)
@click.option("--description", type=DESCRIPTION)
@click.option("--visibility", type=VISIBILITY)
@JSON
@told
def edit(server: str | None, video_id: str, as_json: bool, **given: str | None) -> None:
    """Change VIDEO's words or who may see it; what is left out stays."""
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise click.UsageError("say what to change: --title, --description or --visibility")
    at = desk(server)
    _show(at, at.api.edit(video_id, changes), as_json)


@click.command()
@SERVER
@click.argument("video_ids", metavar="VIDEO...", nargs=-1, required=True, type=VideoId())
@click.option("-y", "--yes", is_flag=True, help="Don't ask.")
@told
def rm(server: str | None, video_ids: tuple[str, ...], yes: bool) -> None:
    """Delete videos with everything that belongs to them."""
    from .troubles import Tally

    at = desk(server)
    if not yes and not is_terminal(sys.stdin):
        raise click.UsageError("standard input is no terminal to ask on; give --yes")
    tally = Tally(say)
    for video_id in video_ids:
        tally.tried(video_id, partial(_remove, at, video_id, yes))
    sys.exit(tally.exit_code)


def _remove(at: "Desk", video_id: str, unasked: bool) -> None:
    if unasked or click.confirm(f"Delete {_name(at, video_id)}, for good?", err=True):
        at.api.delete(video_id)
        click.echo(video_id)


@click.command()
@SERVER
@VIDEO
@click.option("--wait", is_flag=True, help="Wait until it is encoded; exit code 6 if that fails.")
@JSON
@told
def retry(server: str | None, video_id: str, wait: bool, as_json: bool) -> None:
    """Try VIDEO, which failed, again."""
    from .upload_run import follow

    at = desk(server)
    video = at.api.retry(video_id)
    _show(at, follow(at.api, video) if wait else video, as_json)


@click.command()
@SERVER
@VIDEO
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file, a folder, or - for standard output.")
@told
def download(server: str | None, video_id: str, output: Path | None) -> None:
    """Download the file that was uploaded as VIDEO, while it is kept.

    Without -o it gets its own name, here. Prints the name; a file that is there already is left alone."""
    from .exchange import fetched
    from .words import name_of

    at = desk(server)
    source = at.api.source(video_id)
    pieces = fetched(at.server.here(source["url"]))
    if output in _STANDARD_OUTPUT:
        _print(pieces)
        return
    own_name = name_of(Path(source["fileName"]))
    path = output / own_name if output and output.is_dir() else output or Path(own_name)
    _keep(pieces, path)
    # As bytes: a name need not be text.
    click.echo(os.fsencode(path))


def _keep(pieces: Iterable[bytes], path: Path) -> None:
    from .troubles import Trouble

    try:
        new = path.open("xb")
    except FileExistsError as error:
        raise Trouble(f"{path} is there already; give another name with -o") from error
    with new as file:
        try:
            file.writelines(pieces)
        except BaseException:
            path.unlink()
            raise


def _print(pieces: Iterable[bytes]) -> None:
    if sys.stdout is None:
        raise click.UsageError("standard output is closed")
    sys.stdout.buffer.writelines(pieces)
    sys.stdout.flush()


@click.command(name="open")
@SERVER
@VIDEO
@told
def open_(server: str | None, video_id: str) -> None:
    """Open VIDEO's page in the browser, and print its address."""
    import webbrowser

    page = watch_page(desk(server).address, video_id)
    click.echo(page)
    if not webbrowser.open(page):
        say("sluice: no browser was found to open it in")


def _show(at: "Desk", video: "Video", as_json: bool) -> None:
    from . import showing

    if as_json:
        print_json(video)
        return
    for name, value in showing.details(video, at.server.watch(video["id"])):
        shown = coloured(value, showing.colour(video)) if name == "state" else value
        click.echo(f"{name:<12} {shown}")


def _name(at: "Desk", video_id: str) -> str:
    return f"{video_id} ({plain(at.api.video(video_id)['title'])})"
