"""A group of commands that are imported when they are called, and listed by what they are for."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import click


class Sections(click.Group):
    """`elsewhere` tells the module of each command that is not here; what no section names comes last in the help."""

    def __init__(
        self, *args: Any, elsewhere: Mapping[str, str], sections: Mapping[str, Sequence[str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._elsewhere = elsewhere
        self._sections = sections

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of their sections."""
        named = [name for names in self._sections.values() for name in names]
        return named + [name for name in [*super().list_commands(ctx), *self._elsewhere] if name not in named]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, fetched from where it is."""
        if cmd_name not in self._elsewhere:
            return super().get_command(ctx, cmd_name)
        commands = vars(import_module(self._elsewhere[cmd_name])).values()
        return next((one for one in commands if isinstance(one, click.Command) and one.name == cmd_name), None)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One list for each section."""
        rest = [name for name in self.list_commands(ctx) if name not in sum(map(tuple, self._sections.values()), ())]
        for title, names in {**self._sections, "More": rest}.items():
            found = [(name, self.get_command(ctx, name)) for name in names]
            width = formatter.width - 6 - max(map(len, names))
            with formatter.section(title):
                formatter.write_dl([(name, one.get_short_help_str(width)) for name, one in found if one])
