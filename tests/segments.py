"""Media segments that hold no film, for whoever reads nothing but their boxes."""

import struct


def box(kind, payload):
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def segment(*, sizes=(10, 20, 30), start=0, keyframe=True, mdat=60):
    """A media segment of one fragment with 512 ticks a sample."""
    tfhd = box(b"tfhd", struct.pack(">III", 0x020008, 1, 512))
    tfdt = box(b"tfdt", struct.pack(">IQ", 1 << 24, start))
    flags = 0x02000000 if keyframe else 0x01010000
    trun = struct.pack(">IIiI", 0x000205, len(sizes), 0, flags) + struct.pack(f">{len(sizes)}I", *sizes)
    moof = box(b"moof", box(b"mfhd", bytes(8)) + box(b"traf", tfhd + tfdt + box(b"trun", trun)))
    return box(b"styp", b"msdh") + moof + box(b"mdat", bytes(mdat))
