"""What pictures may spend, by their size, their rate and what they are encoded from."""

from fractions import Fraction

# What each rung may spend at most on a 16:9 picture of up to 30 frames a second.
_USUAL = {
    240: 400_000,
    360: 800_000,
    480: 1_400_000,
    720: 2_800_000,
    1080: 5_000_000,
    1440: 9_000_000,
    2160: 16_000_000,
}
_LEAST = 64_000
# What H.264 needs to keep up with a source in these codecs, bit for bit.
_THRIFT = {"hevc": 1.5, "vp9": 1.5, "vvc": 2.0, "av1": 2.0}


def usual(width: int, height: int, rate: Fraction) -> float:
    """What pictures of this size and rate may spend, whatever they are of: more for larger and faster ones."""
    short = min(width, height)
    rung = next((rung for rung in _USUAL if rung >= short), max(_USUAL))
    area = width * height / (rung * rung * 16 / 9)
    speed = max(1.0, float(rate + 30) / 60)
    return max(_LEAST, float(_USUAL[rung] * area**0.75 * speed))


def capped(most: float, spent: int, codec: str, share: float) -> float:
    """No more than a source in this codec spent on as many pixels, which are this share of all its own."""
    enough: float = spent * _THRIFT.get(codec, 1.0) * min(1.0, share) ** 0.75
    # A low average may hide short stretches that need far more.
    return min(most, max(enough, most / 4))
