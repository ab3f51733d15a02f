"""An object's checksum, however its bytes come."""

import hashlib
import random
import tracemalloc

import pytest

from sluice.api.checksum import Checksum

LARGE, SMALL = 1 << 20, 100


@pytest.mark.parametrize(
    "sizes",
    [
        (),
        (SMALL,),
        (LARGE,),
        (LARGE, LARGE, LARGE),
        (LARGE, SMALL, SMALL, LARGE),
        (SMALL, LARGE, 0, LARGE, SMALL),
        (LARGE,) * 12,
    ],
)
def test_it_is_the_md5_of_all_pieces_in_their_order(sizes: tuple[int, ...]) -> None:
    pieces = [random.Random(number).randbytes(size) for number, size in enumerate(sizes)]
    checksum = Checksum()
    list(map(checksum.update, pieces))
    assert checksum.hexdigest() == hashlib.md5(b"".join(pieces)).hexdigest()


def test_many_small_pieces_take_no_more_memory_than_their_bytes() -> None:
    checksum = Checksum()
    tracemalloc.start()
    for number in range(100_000):
        checksum.update(number.to_bytes(3))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20
