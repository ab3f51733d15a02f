"""Where segments end, so that no player waits for the last one for ever."""

from fractions import Fraction

import pytest

from sluice.adapters.cadence import held_longer_s, sound_segment_s


@pytest.mark.parametrize(
    ("frames", "more"), [(200, 0), (201, 3), (202, 2), (203, 0), (250, 0), (299, 0), (1, 3), (30_001, 3)]
)
def test_the_last_picture_stays_where_it_would_have_a_segment_almost_to_itself(frames, more):
    assert held_longer_s(Fraction(25), frames / 25) == pytest.approx(more / 25)


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001)])
@pytest.mark.parametrize("length_s", [4.0, 8.008, 20.02, 7200.3])
def test_a_short_rest_of_sound_is_shared_by_all_its_segments(rate, length_s):
    segment_s = sound_segment_s(rate, length_s)
    assert length_s / segment_s < round(length_s / 4)
    assert segment_s < 4.5
