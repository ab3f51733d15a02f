"""What Sluice reads in MPEG transport streams: the codec of the track in a segment."""

from collections.abc import Iterator

from .records import dataclass

_PACKET = 188
_SYNC = 0x47
_HEADER = 4
_PROGRAMS = 0
_CHECKSUM = 4
_H264, _AAC = 0x1B, 0x0F
_PARAMETERS = 7


@dataclass(frozen=True)
class _Payload:
    """What one packet carries; `starts` where a section or an access unit begins with it."""

    pid: int
    starts: bool
    content: bytes


def codec(segment: bytes) -> str:
    """The RFC 6381 name of the picture, or the sound, in a segment; ValueError for anything else."""
    try:
        for pid, kind in _tracks(segment):
            if kind == _H264:
                return _h264(_first_unit(segment, pid))
            if kind == _AAC:
                return _aac(_first_unit(segment, pid))
    except (IndexError, StopIteration) as error:
        raise ValueError("a broken transport stream") from error
    raise ValueError("no picture or sound that is expected")


def _payloads(segment: bytes) -> Iterator[_Payload]:
    if not segment or len(segment) % _PACKET:
        raise ValueError("no whole transport packets")
    for at in range(0, len(segment), _PACKET):
        packet = segment[at : at + _PACKET]
        if packet[0] != _SYNC:
            raise ValueError("a transport packet without its mark")
        # Bit 5 tells of an adaptation field, which begins with its length, bit 4 of a payload.
        start = _HEADER + (1 + packet[4] if packet[3] & 0x20 else 0)
        if packet[3] & 0x10:
            yield _Payload((packet[1] & 0x1F) << 8 | packet[2], bool(packet[1] & 0x40), packet[start:])


def _tracks(segment: bytes) -> list[tuple[int, int]]:
    """The packet id and the stream type of each track of the first program."""
    programs = _section(segment, _PROGRAMS)[5:]
    # Number 0 is not a program but the network's own table.
    entries = (programs[at : at + 4] for at in range(0, len(programs), 4))
    table = next(_pid(entry[2:]) for entry in entries if entry[0] or entry[1])
    program = _section(segment, table)
    at, found = 9 + _twelve_bits(program[7:]), []
    while at < len(program):
        found.append((_pid(program[at + 1 :]), program[at]))
        at += 5 + _twelve_bits(program[at + 3 :])
    return found


def _section(segment: bytes, pid: int) -> bytes:
    """A table's section, from after its length to before its checksum."""
    content = next(one.content for one in _payloads(segment) if one.pid == pid and one.starts)
    section = content[1 + content[0] :]
    return section[3 : 3 + _twelve_bits(section[1:]) - _CHECKSUM]


def _first_unit(segment: bytes, pid: int) -> bytes:
    """What the first access unit of a track carries."""
    parts: list[bytes] = []
    for payload in _payloads(segment):
        if payload.pid == pid and payload.starts and parts:
            break
        if payload.pid == pid and payload.starts:
            parts = [payload.content[9 + payload.content[8] :]]
        elif payload.pid == pid and parts:
            parts.append(payload.content)
    return b"".join(parts)


def _h264(unit: bytes) -> str:
    for nal in unit.split(b"\0\0\1")[1:]:
        if nal[0] & 0x1F == _PARAMETERS:
            return f"avc1.{nal[1]:02x}{nal[2]:02x}{nal[3]:02x}"
    raise ValueError("a picture that can't be decoded from its start on")


def _aac(unit: bytes) -> str:
    if unit[0] != 0xFF or unit[1] & 0xF0 != 0xF0:
        raise ValueError("sound without its header")
    return f"mp4a.40.{(unit[2] >> 6) + 1}"


def _pid(two: bytes) -> int:
    return (two[0] & 0x1F) << 8 | two[1]


def _twelve_bits(two: bytes) -> int:
    return (two[0] & 0x0F) << 8 | two[1]
