"""By which colours pictures are to be read: said outright, and alike at every size, encoded or taken over."""

from sluice.ladder import Source

# Many players take what says nothing of its colours for HDTV from this height on: its smaller rungs would be read
# otherwise. Those of a smaller film are all read alike, and so is its own stream as the top one.
_HDTV_LINES = 720
# As filters call them: primaries, transfer, and the matrix that goes with them.
_TAGS = ("color_primaries", "color_trc", "colorspace")
_BT709 = ("bt709", "bt709", "bt709")
_FAMILIES = (
    _BT709,
    ("smpte170m", "smpte170m", "smpte170m"),
    ("bt470bg", "smpte170m", "bt470bg"),
    ("smpte240m", "smpte240m", "smpte240m"),
    ("bt2020", "bt2020-10", "bt2020nc"),
)
# What H.264 has for each name, whichever of the three it stands for.
_CODES = {
    "bt709": 1,
    "bt470m": 4,
    "bt470bg": 5,
    "smpte170m": 6,
    "smpte240m": 7,
    "bt2020": 9,
    "bt2020nc": 9,
    "iec61966-2-1": 13,
    "bt2020-10": 14,
    "bt2020-12": 15,
}
_H264_FIELDS = ("colour_primaries", "transfer_characteristics", "matrix_coefficients")


def said(source: Source, *, tonemap: bool) -> dict[str, str]:
    """What has to be said of what is encoded, as options of `setparams`; the rest goes along with the pictures."""
    if source.hdr:
        return _named(_BT709) if tonemap else {}
    if source.rgb:
        return _named(_BT709)
    return _missing(source)


def taken_over(source: Source) -> tuple[dict[str, str], list[str]]:
    """The same for what is H.264 already: options of its output, and the filters for its packets.

    What says nothing at all stays as it is.
    """
    missing = {} if _is_silent(source) else _missing(source)
    whole = [own or missing.get(tag, "") for own, tag in zip(_own(source), _TAGS, strict=True)]
    if not missing or not all(name in _CODES for name in whole):
        return {}, []
    # Its parameters may lack what the container says.
    fields = (f"{field}={_CODES[name]}" for field, name in zip(_H264_FIELDS, whole, strict=True))
    return missing, [f"h264_metadata={':'.join(fields)}"]


def _missing(source: Source) -> dict[str, str]:
    """What a source leaves unsaid: players would guess that by the size of each rung."""
    primaries, _, matrix = own = _own(source)
    known = [one for one in _FAMILIES if (matrix or primaries) == (one[2] if matrix else one[0])]
    if not known and source.untagged and source.height >= _HDTV_LINES:
        known = [_BT709]
    named = _named(known[0]) if known else {}
    return {tag: named[tag] for tag, mine in zip(_TAGS, own, strict=True) if named and not mine}


def _own(source: Source) -> tuple[str | None, str | None, str | None]:
    return source.color_primaries, source.color_transfer, source.color_matrix


def _is_silent(source: Source) -> bool:
    return not any(_own(source))


def _named(colours: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(_TAGS, colours, strict=True))
