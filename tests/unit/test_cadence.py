"""Where segments end, so that no player waits for the last one for ever."""

from fractions import Fraction

import pytest

from sluice.adapters.cadence import sound_segment_s


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001)])
@pytest.mark.parametrize("length_s", [4.0, 8.008, 20.02, 7200.3])
def test_a_short_rest_of_sound_is_shared_by_all_its_segments(rate, length_s):
    segment_s = sound_segment_s(rate, length_s)
    assert length_s / segment_s < round(length_s / 4)
    assert segment_s < 4.5
