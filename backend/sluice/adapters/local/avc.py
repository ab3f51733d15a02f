"""H.264 as MP4 carries it: what a decoder must know beforehand, and whether a segment needs no more than that."""

from collections.abc import Iterator
from dataclasses import dataclass

from sluice import boxes

_SLICE, _KEY_SLICE, _SEQUENCE, _PICTURE, _EXTENSION = 1, 5, 7, 8, 13
# What decoders in phones and browsers can do at least.
_COMMON_LEVEL = 42


@dataclass(frozen=True)
class Head:
    """The decoder's configuration in an init segment."""

    level: int
    length_bytes: int
    parameters: frozenset[bytes]

    @classmethod
    def read(cls, init: bytes) -> "Head":
        """The configuration of the only track; ValueError if it is not H.264."""
        try:
            box = bytes(boxes.find(boxes.sample_entry(init).payload[78:], b"avcC"))
            sequences, at = _sets(box, 6, box[5] & 0x1F)
            pictures, _ = _sets(box, at + 1, box[at])
        except IndexError as error:
            raise ValueError("a broken decoder configuration") from error
        return cls(box[3], 1 + (box[4] & 3), frozenset((*sequences, *pictures)))

    def decodes_anywhere(self, usual_level: str) -> bool:
        """Whether decoders that can show an ordinary picture of that size can show this one."""
        return self.level <= max(_COMMON_LEVEL, int(usual_level.replace("_", "").ljust(2, "0")))

    def trouble(self, segment: bytes) -> str | None:
        """Why this segment can't be decoded by itself after the init segment; None if it can."""
        begun = False
        for unit in self._units(segment):
            kind = unit[0] & 0x1F
            if kind == _SLICE and not begun:
                return "does not begin with a picture that all decoding can begin with"
            if kind in (_SEQUENCE, _PICTURE, _EXTENSION) and bytes(unit) not in self.parameters:
                return "is coded with other parameters than the beginning of the film"
            begun = begun or kind == _KEY_SLICE
        return None if begun else "has no picture"

    def _units(self, segment: bytes) -> Iterator[memoryview]:
        """The units of all samples of a segment of one track; ValueError where one reaches beyond its end."""
        for box in boxes.walk(segment):
            if box.kind == b"mdat":
                yield from self._split(box.payload)

    def _split(self, samples: memoryview) -> Iterator[memoryview]:
        at = 0
        while at < len(samples):
            begin = at + self.length_bytes
            at = begin + int.from_bytes(samples[at:begin], "big")
            if not begin < at <= len(samples):
                raise ValueError("a unit reaches beyond the end")
            yield samples[begin:at]


def _sets(box: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    """So many parameter sets from there on, and where they end."""
    found = []
    for _ in range(count):
        end = at + 2 + int.from_bytes(box[at : at + 2], "big")
        found.append(box[at + 2 : end])
        at = end
    return found, at
