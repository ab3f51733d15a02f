"""What happens to picture and sound between decoder and encoder, as filters of an ffmpeg graph."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from typing import Any

from sluice.ladder import Rendition, Source

from . import colours
from .cadence import NEXT_SLOT

SOUND_HZ = 48_000
# Gaps and jumps in the sound beyond this are filled or cut; a viewer notices 40 ms.
_SOUND_SLIP_S = 0.03
# The muxer's edit list makes up for a start that is late by less than the AAC encoder's own delay of 1024 samples.
AAC_DELAY_S = 0.02
# A starting time this close to a frame's own needs no shift.
ON_GRID_S = 0.0001
# A picture that begins this little after its sound does so for its encoder's delay, as in fragmented MP4: to hold it
# back would show it twice, and nothing is heard before it.
CODEC_DELAY_S = 0.1

_SLOT_TICKS = 1000
# Half a frame; ends are told to the microsecond, rounded.
_HALF = Fraction(501, 1000)

_BROADCAST = ("mpegts", "mpeg")
# Smaller pictures are refused by what makes them progressive.
_LEAST_SIDE = 8

_FLOAT_RGB = "gbrpf32le"
# The output takes its primaries from the file's tags, and without those there is no way from one to the other.
_HDR_IN = {"min": "bt2020nc", "pin": "bt2020", "p": "bt2020"}


# --- when it begins ---------------------------------------------------------------------------------------------


def on_grid(source: Source, rate: Fraction) -> dict[str, str]:
    """The input option that moves sound and picture together so that the first picture falls on a frame's time.

    Off the grid, a picture half-way between two frames would jump to either, and frames be lost or doubled.
    """
    shifted_s = shift_s(source, rate)
    return {"itsoffset": f"{shifted_s:.6f}"} if abs(shifted_s) > ON_GRID_S else {}


def shift_s(source: Source, rate: Fraction) -> float:
    """How far sound and picture are moved together.

    Before that, what begins first in the file is at time zero, whether it is taken or not: subtitles, another sound.
    """
    late_s = source.video_start_s
    if late_s < CODEC_DELAY_S:
        return -late_s
    return float(round(Fraction(late_s) * rate) / rate) - late_s


def sound_late_s(source: Source, rate: Fraction) -> float:
    """When the sound begins, once both are moved."""
    return source.audio_start_s + shift_s(source, rate)


def unbroken(source: Source) -> dict[str, int | None]:
    """The input options that let filters go on where the size or format of pictures changes in the middle.

    ffmpeg would set them up anew, and what they hold would be lost, with the time that they have counted. Where it
    turns pictures it has to: what turns them comes first, and takes no others than the first ones. It turns them where
    the container says so; what single pictures say of that is heeded by hardly any player.
    """
    return {} if source.moved or source.rotation else {"reinit_filter:v": 0, "noautorotate": None}


# --- picture ----------------------------------------------------------------------------------------------------


def paced(picture: Any, source: Source, rate: Fraction) -> Any:
    """Progressive, at a constant rate from time zero on; ffmpeg itself has turned it upright before."""
    if source.interlaced or _may_become_interlaced(source):
        # The first scaling copes with any change, `bwdif` with none; this one leaves alone what is as at the beginning.
        picture = picture.filter("scale", "iw", "ih", interl=-1)
        picture = picture.filter("bwdif", mode="send_frame", parity="auto", deint="interlaced")
    if source.format == "avi":
        # It knows no time of presentation: B-frames would seem to make the picture late.
        picture = picture.filter("setpts", "PTS-STARTPTS")
    if source.cut and not source.variable_frame_rate:
        # Each part comes a few frames too early or late, by whichever of its frames is decoded first.
        picture = picture.filter("setpts", f"STARTPTS+N/({source.frame_rate})/TB")
    # Before any scaling: a thousand frames a second are thinned out while that is cheap.
    return steady(picture, source, rate)


def _may_become_interlaced(source: Source) -> bool:
    """Whether it may be a broadcast, of which the beginning doesn't tell; what is progressive passes through."""
    return source.format in _BROADCAST and min(source.width, source.height) >= _LEAST_SIDE


def steady(picture: Any, source: Source, rate: Fraction) -> Any:
    """At a constant rate from time zero on, up to the last frame, however short that says it is."""
    frames = frames_shown(source, rate)
    if source.variable_frame_rate:
        picture = _each_in_its_slot(picture, rate)
    if frames is None:
        return picture.filter("fps", fps=str(rate), start_time=0)
    # By itself, `fps` leaves out a last frame that ends before the middle of its slot. Told not to, it shows one too
    # many wherever the end is a tick late.
    return picture.filter("fps", fps=str(rate), start_time=0, eof_action="pass").filter("trim", end_frame=frames)


def _each_in_its_slot(picture: Any, rate: Fraction) -> Any:
    """Frames at the times of slots, the next one for each that is anywhere near it."""
    slots, (least, most) = f"(PTS-PREV_OUTPTS)/{_SLOT_TICKS}", NEXT_SLOT
    further = f"if(between({slots},{least},{most}),1,max(0,round({slots})))"
    first = f"round(PTS/{_SLOT_TICKS})*{_SLOT_TICKS}"
    picture = picture.filter("settb", f"1/({rate}*{_SLOT_TICKS})")
    return picture.filter("setpts", f"if(isnan(PREV_OUTPTS),{first},PREV_OUTPTS+{_SLOT_TICKS}*{further})")


def frames_shown(source: Source, rate: Fraction) -> int | None:
    """How many frames there are at this rate from time zero on; None where the end was not measured to the frame."""
    if not source.frames or source.variable_frame_rate or source.format == "avi":
        return None
    return max(1, floor(Fraction(source.picture_end_s + shift_s(source, rate)) * rate + _HALF))


def cascade(picture: Any, source: Source, renditions: Sequence[Rendition], *, tonemap: bool) -> list[Any]:
    """Each rung scaled from the next larger one, at the exact size the ladder says."""
    first, *smaller = renditions
    # By itself, `scale` would use the matrix of small pictures for all.
    matrix = {"out_color_matrix": "bt709"} if source.rgb and not source.hdr else {}
    picture = _scaled(picture, first, out_range="tv", **matrix)
    if source.hdr and tonemap:
        picture = _to_sdr(picture, source)
    picture = picture.filter("setsar", 1).filter("format", "yuv420p")
    if named := colours.said(source, tonemap=tonemap):
        # Not as options of an output, for which newer releases of ffmpeg would convert what is untagged.
        picture = picture.filter("setparams", **named)
    pictures = []
    for rendition in smaller:
        parts = picture.filter_multi_output("split", 2)
        pictures.append(parts[0])
        picture = _scaled(parts[1], rendition).filter("setsar", 1)
    return [*pictures, picture]


def _scaled(picture: Any, rendition: Rendition, **options: str) -> Any:
    return picture.filter("scale", rendition.width, rendition.height, flags="lanczos", **options)


def _to_sdr(picture: Any, source: Source) -> Any:
    """HDR brightness brought into the range of ordinary screens; what tags may lack is said outright."""
    linear = picture.filter("zscale", tin=source.color_transfer, **_HDR_IN, t="linear", npl=100)
    mapped = linear.filter("format", _FLOAT_RGB).filter("zscale", p="bt709").filter("tonemap", "hable", desat=0)
    return mapped.filter("zscale", t="bt709", m="bt709", r="tv")


# --- sound ------------------------------------------------------------------------------------------------------


def sound(source: Source, rate: Fraction) -> str:
    """Sound without gaps, from time zero on, with silence where there was nothing; it ends with `-t`."""
    late_s = sound_late_s(source, rate)
    # Only where it is needed: a change of channels in the middle starts the filter anew, and it would pad again.
    padding = "" if -CODEC_DELAY_S <= late_s <= AAC_DELAY_S else ":first_pts=0"
    # What lies before time zero is the source codec's delay: together with our encoder's, it could be noticed.
    return f"aresample={SOUND_HZ}:async=1:min_hard_comp={_SOUND_SLIP_S}{padding},atrim=start=0,apad"
