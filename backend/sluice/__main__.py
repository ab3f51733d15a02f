"""`python -m sluice`."""

from .entry.cli import main

main()
