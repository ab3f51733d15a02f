"""Reads playlists as a player would, knowing nothing of how Sluice writes them."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)')


@dataclass(frozen=True)
class Media:
    """A media playlist on disk: its lines, and what they name."""

    path: Path
    lines: tuple[str, ...]

    @property
    def durations(self):
        return [float(line[8:].split(",")[0]) for line in self.lines if line.startswith("#EXTINF:")]

    @property
    def uris(self):
        """Everything that it names, the init segment first where there is one."""
        init = [attributes(line)["URI"] for line in self.lines if line.startswith("#EXT-X-MAP:")]
        return init + [line for line in self.lines if not line.startswith("#")]

    @property
    def segments(self):
        return [self.path.parent / line for line in self.lines if not line.startswith("#")]

    @property
    def init(self):
        """The init segment; None for transport streams."""
        return self.path.parent / self.uris[0] if len(self.uris) > len(self.segments) else None

    @property
    def target(self):
        return int(self.value("TARGETDURATION") or 0)

    def value(self, tag):
        """What stands behind `#EXT-X-TAG:`, or None."""
        return next((line.split(":", 1)[1] for line in self.lines if line.startswith(f"#EXT-X-{tag}:")), None)


@dataclass(frozen=True)
class Variant:
    """One `#EXT-X-STREAM-INF` and the playlist it leads to."""

    attributes: dict[str, str]
    media: Media

    @property
    def name(self):
        return self.media.path.parent.name


@dataclass(frozen=True)
class Master:
    """A master playlist on disk."""

    path: Path
    lines: tuple[str, ...]

    @property
    def variants(self):
        pairs = zip(self.lines, self.lines[1:], strict=False)
        return [
            Variant(attributes(line), media(self.path.parent / uri))
            for line, uri in pairs
            if line.startswith("#EXT-X-STREAM-INF:")
        ]

    @property
    def sound(self):
        """The attributes and the playlist of each audio rendition."""
        found = [attributes(line) for line in self.lines if line.startswith("#EXT-X-MEDIA:")]
        return [Variant(one, media(self.path.parent / one["URI"])) for one in found if one["TYPE"] == "AUDIO"]


def attributes(line):
    """The attribute list of a tag, quotes taken off."""
    return {name: value.strip('"') for name, value in ATTRIBUTE.findall(line.split(":", 1)[1])}


def lines_of(path):
    return tuple(line for line in path.read_text().splitlines() if line.strip())


def media(path):
    return Media(path, lines_of(path))


def master(path):
    return Master(path, lines_of(path))


def fetched(url):
    """What is served at the address."""
    with urlopen(url, timeout=20) as answer:
        return answer.read()


def mirror(url, folder, fetch=fetched):
    """Copy a served master playlist with all it leads to; the path of the copy."""
    copied = _copy(url, folder / "master.m3u8", fetch)
    text = copied.read_text()
    uris = {line for line in text.splitlines() if line and not line.startswith("#")}
    uris |= {match[1] for match in re.finditer(r'URI="([^"]+)"', text)}
    for uri in sorted(uris):
        _mirror_media(urljoin(url, uri), folder / uri, fetch)
    return copied


def _mirror_media(url, target, fetch):
    playlist = media(_copy(url, target, fetch))
    for uri in playlist.uris:
        _copy(urljoin(url, uri), playlist.path.parent / uri, fetch)


def _copy(url, target, fetch):
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(fetch(url))
    return target
