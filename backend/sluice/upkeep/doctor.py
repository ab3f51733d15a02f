"""Everything that has to be right for a Sluice on this machine, looked at without changing anything."""

from collections.abc import Iterator

from sluice.settings import Settings

from . import keeping, surroundings, tools
from .findings import Finding


def examine(settings: Settings) -> Iterator[Finding]:
    """One finding after the other."""
    yield from tools.findings(settings)
    yield from surroundings.findings(settings)
    yield from keeping.findings(settings.data, accounts=settings.local_identity)
