"""`make faults`: the campaign, then every crash point; exit code 1 if anything was violated."""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from . import crash_points, silence
from .campaign import AMOUNTS, SIZES, Plan, run


def main():
    """Run what the arguments say."""
    words = _arguments()
    # So that a campaign that is stopped cleans up as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    violations = 0
    with tempfile.TemporaryDirectory(prefix="sluice-faults-", dir=words.folder) as folder:
        if words.uploads:
            violations += _campaign(Path(folder), words)
        if words.silent:
            violations += _silence(Path(folder), words.silent)
        if words.crash_points:
            violations += _crash_points(Path(folder), words.crash_points)
    print(f"{violations} violations")
    return 1 if violations else 0


def _campaign(folder, words):
    plan = Plan(**{name: getattr(words, name) for name in (*AMOUNTS, *SIZES, "settings", "hurry")})
    violations = 0
    for number, seed in enumerate(words.seeds):
        outcome = run(folder, plan.share(number, len(words.seeds)), seed)
        print("\n".join(outcome.lines()), flush=True)
        violations += len(outcome.book.violations)
    return violations


def _silence(folder, uploads):
    outcome = silence.run(folder, uploads)
    print("\n".join(outcome.lines()), flush=True)
    return len(outcome.book.violations)


def _crash_points(folder, every):
    if words := crash_points.missing():
        print(f"crash points: not tried, {words}")
        return 0
    began = time.monotonic()
    outcome = crash_points.strike_all(folder, every=every)
    print(f"crash points, in {time.monotonic() - began:.0f} s:", "\n".join(outcome.lines()), flush=True)
    return len(outcome.found)


def _setting(words):
    return tuple(words.split("=", 1))


def _arguments():
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[1, 2, 3], help="one instance each; they share the rest"
    )
    parser.add_argument("--folder", help="where the instances live (default: the system's temporary folder)")
    parser.add_argument("--hurry", action="store_true", help="let minutes pass by moving rows instead of waiting")
    parser.add_argument(
        "--settings", type=_setting, nargs="+", default=(), metavar="NAME=VALUE", help="without SLUICE_"
    )
    parser.add_argument("--silent", type=int, default=30, metavar="N", help="so many uploads whose every event is lost")
    parser.add_argument("--crash-points", type=int, default=1, metavar="N", help="every N-th of them; 0 for none")
    for name in (*AMOUNTS, *SIZES):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(Plan, name))
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
