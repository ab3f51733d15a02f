"""Looks into one file as the service does, encodes it if asked, and prints what came of it and what it took.

    python -m tests.media.judge FILE [FILM]

With a FILM the encoder gets the file, too; if the probe has refused it, with an order that was made for the FILM.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

from sluice.adapters.ffprobe import Ffprobe
from sluice.errors import Unplayable
from sluice.ladder import plan
from sluice.messages import EncodeFailed
from sluice.settings import Settings
from tests.e2e.encoding import Encode


def main(file: Path, film: Path | None) -> dict[str, Any]:
    report = {**_probed(file), "probe": _used()}
    if film is not None:
        report |= {**_encoded(file, film if report["code"] else file), "encode": _used()}
    return report


def _probed(file: Path) -> dict[str, Any]:
    try:
        facts = plan(Ffprobe(Settings())(str(file)), tall=False)
    except Unplayable as refusal:
        return {"code": refusal.code, "detail": refusal.detail}
    rungs = [rung.name for rung in facts.renditions]
    return {"code": None, "repairs": sorted(facts.repairs), "rungs": rungs, "seconds": facts.duration_s}


def _encoded(file: Path, ordered: Path) -> dict[str, Any]:
    run = Encode(file.parent / "home", ordered)
    run.source = file
    end = run.run()
    if isinstance(end, EncodeFailed):
        return {"end": end.code, "left": run.keys}
    return {"end": type(end).__name__, "master": str(run.finished())}


def _used() -> dict[str, float]:
    """What the hungriest of our children took of memory, all of them of the processor, and we ourselves of memory."""
    children, own = resource.getrusage(resource.RUSAGE_CHILDREN), resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = round(children.ru_utime + children.ru_stime, 2)
    return {"peak_mb": children.ru_maxrss >> 10, "cpu_s": cpu_s, "own_peak_mb": own.ru_maxrss >> 10}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)))
