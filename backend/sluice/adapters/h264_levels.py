"""The levels of H.264: the least a decoder must be able to do for a picture of this size, rate and bitrate."""

from dataclasses import dataclass
from fractions import Fraction

_BLOCK = 16
# High profile may spend and buffer a quarter more than the table says.
_BITS = 1250


@dataclass(frozen=True)
class _Level:
    """A row of Annex A: macroblocks a second and a frame, kilobits a second and in the buffer."""

    name: str
    speed: int
    area: int
    rate: int
    buffer: int

    def holds(self, columns: int, rows: int, rate: Fraction, max_bitrate: int) -> bool:
        return (
            columns * rows <= self.area
            and max(columns, rows) ** 2 <= 8 * self.area
            and columns * rows * rate <= self.speed
            and max_bitrate <= self.rate * _BITS
            and 2 * max_bitrate <= self.buffer * _BITS
        )


_LEVELS = (
    _Level("1", 1_485, 99, 64, 175),
    _Level("1_1", 3_000, 396, 192, 500),
    _Level("1_2", 6_000, 396, 384, 1_000),
    _Level("1_3", 11_880, 396, 768, 2_000),
    _Level("2", 11_880, 396, 2_000, 2_000),
    _Level("2_1", 19_800, 792, 4_000, 4_000),
    _Level("2_2", 20_250, 1_620, 4_000, 4_000),
    _Level("3", 40_500, 1_620, 10_000, 10_000),
    _Level("3_1", 108_000, 3_600, 14_000, 14_000),
    _Level("3_2", 216_000, 5_120, 20_000, 20_000),
    _Level("4", 245_760, 8_192, 20_000, 25_000),
    _Level("4_1", 245_760, 8_192, 50_000, 62_500),
    _Level("4_2", 522_240, 8_704, 50_000, 62_500),
    _Level("5", 589_824, 22_080, 135_000, 135_000),
    _Level("5_1", 983_040, 36_864, 240_000, 240_000),
    _Level("5_2", 2_073_600, 36_864, 240_000, 240_000),
)


def level(width: int, height: int, rate: Fraction, max_bitrate: int) -> str:
    """The lowest level for High profile with a buffer of two seconds, such as 3_1; the highest where none is enough."""
    columns, rows = -(-width // _BLOCK), -(-height // _BLOCK)
    fitting = (one.name for one in _LEVELS if one.holds(columns, rows, rate, max_bitrate))
    return next(fitting, _LEVELS[-1].name)
