"""A strict reader of Prometheus' text format, written from its description and apart from our writer."""

import math
import re

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{({_LABEL}(?:,{_LABEL})*)\}})? (\S+)")
_PARTS = {"histogram": {"_bucket", "_sum", "_count"}, "counter": {""}, "gauge": {""}}


def read(text):
    """Every sample as {(name, frozenset of labels): value}; AssertionError for what no scraper should be given."""
    assert text.endswith("\n")
    kinds, samples, current = {}, {}, None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            current = line.split(" ", 3)[2]
            assert current not in kinds, f"{current} comes twice"
            continue
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == current, f"{name} has no HELP before its TYPE"
            kinds[name] = kind
            continue
        name, labels, value = _sample(line)
        assert name in {current + part for part in _PARTS[kinds[current]]}, f"{name} stands below {current}"
        assert (name, labels) not in samples, f"{line} comes twice"
        samples[name, labels] = value
    for name, kind in kinds.items():
        _check(name, kind, samples)
    return samples


def _sample(line):
    found = _SAMPLE.fullmatch(line)
    assert found, f"not a sample: {line!r}"
    pairs = [pair.split("=", 1) for pair in re.findall(_LABEL, found[2] or "")]
    assert len({name for name, _ in pairs}) == len(pairs), f"a label comes twice: {line}"
    return found[1], frozenset((name, value[1:-1]) for name, value in pairs), float(found[3])


def _check(name, kind, samples):
    assert kind != "counter" or name.endswith("_total"), f"{name} is a counter by another name"
    if kind != "histogram":
        return
    series = {}
    for (found, labels), value in samples.items():
        if found == f"{name}_bucket":
            bound = float(dict(labels)["le"])
            series.setdefault(frozenset(pair for pair in labels if pair[0] != "le"), []).append((bound, value))
    for labels, buckets in series.items():
        counts = [count for _, count in sorted(buckets)]
        assert counts == sorted(counts), f"{name} is not cumulative"
        assert max(buckets)[0] == math.inf
        assert counts[-1] == samples[f"{name}_count", labels]
        assert (f"{name}_sum", labels) in samples
