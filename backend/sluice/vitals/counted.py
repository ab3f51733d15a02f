"""What is counted as it happens, by name; and the counts as families."""

from collections.abc import Iterable
from typing import Protocol

from sluice.adapters.local.counters import Key

from .exposition import Family, Sample

# Seconds. Uploads of minutes and encodes of hours are both ordinary.
_SPANS = (0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0, 43200.0)
_ANSWERS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0)
_INFINITE = "+Inf"

_COUNTERS = {
    "sluice_http_requests_total": "Answered requests, by route, method and status.",
    "sluice_videos_ended_total": "Videos that were done, or failed with this code.",
    "sluice_encoded_media_seconds_total": "Seconds of video that were encoded; their rate is media seconds per second.",
    "sluice_encode_seconds_total": "Seconds that encodes took which are done, from their order on.",
}
_HISTOGRAMS = {
    "sluice_http_request_seconds": ("How long answers took, until they began.", _ANSWERS),
    "sluice_playable_after_seconds": ("From the arrival of an upload until it could be watched.", _SPANS),
    "sluice_done_after_seconds": ("From the arrival of an upload until it was done.", _SPANS),
}


class Counting(Protocol):
    """Where counts go."""

    def add(self, name: str, amount: float = 1.0, **labels: str) -> None:
        """Count it, quickly and without fail."""


def observe(counters: Counting, name: str, value: float, **labels: str) -> None:
    """Put a value into the histogram of this name."""
    bounds = _HISTOGRAMS[name][1]
    bucket = next((f"{bound:g}" for bound in bounds if value <= bound), _INFINITE)
    counters.add(f"{name}_bucket", 1.0, le=bucket, **labels)
    counters.add(f"{name}_sum", max(0.0, value), **labels)


def families(totals: dict[Key, float]) -> Iterable[Family]:
    """Everything that was counted."""
    for name, words in _COUNTERS.items():
        yield Family(name, "counter", words, tuple(_plain(totals, name)))
    for name, (words, bounds) in _HISTOGRAMS.items():
        yield Family(name, "histogram", words, tuple(_histograms(totals, name, bounds)))


def _plain(totals: dict[Key, float], name: str) -> Iterable[Sample]:
    return [Sample(value, dict(labels)) for (found, labels), value in sorted(totals.items()) if found == name]


def _histograms(totals: dict[Key, float], name: str, bounds: tuple[float, ...]) -> Iterable[Sample]:
    for (found, labels), total in sorted(totals.items()):
        if found == f"{name}_sum":
            yield from _histogram(totals, name, bounds, dict(labels), total)


def _histogram(
    totals: dict[Key, float], name: str, bounds: tuple[float, ...], labels: dict[str, str], total: float
) -> Iterable[Sample]:
    count = 0.0
    for bound in (*(f"{bound:g}" for bound in bounds), _INFINITE):
        in_bucket = {**labels, "le": bound}
        count += totals.get((f"{name}_bucket", tuple(sorted(in_bucket.items()))), 0.0)
        yield Sample(count, in_bucket, "_bucket")
    yield Sample(total, labels, "_sum")
    yield Sample(count, labels, "_count")
