"""What is said of colours where a source says only a part: the same of rungs that are encoded and of any taken over."""

from dataclasses import replace

import pytest

from sluice.adapters import colours
from tests.orders import SOURCE

OF_PAL = {"color_primaries": "bt470bg", "color_trc": "smpte170m"}
OF_HDTV = {"color_primaries": "bt709", "color_trc": "bt709"}


def a_source(primaries=None, transfer=None, matrix=None, height=720):
    named = {"color_primaries": primaries, "color_transfer": transfer, "color_matrix": matrix}
    return replace(SOURCE, **named, untagged=matrix is None, height=height)


@pytest.mark.parametrize("height", [1080, 360])
@pytest.mark.parametrize(
    ("primaries", "transfer", "matrix", "missing"),
    [
        (None, None, "bt470bg", OF_PAL),
        (None, None, "bt709", OF_HDTV),
        (None, "iec61966-2-1", "bt709", {"color_primaries": "bt709"}),
        ("smpte170m", None, None, {"color_trc": "smpte170m", "colorspace": "smpte170m"}),
        ("bt709", "bt709", None, {"colorspace": "bt709"}),
        ("bt2020", None, "bt2020nc", {"color_trc": "bt2020-10"}),
        ("bt709", "bt709", "bt709", {}),
        (None, None, "fcc", {}),
    ],
)
def test_what_is_missing_goes_with_the_rest_at_every_size(height, primaries, transfer, matrix, missing):
    source = a_source(primaries, transfer, matrix, height)
    assert colours.said(source, tonemap=True) == missing
    assert colours.taken_over(source)[0] == missing


@pytest.mark.parametrize(("height", "said"), [(720, {**OF_HDTV, "colorspace": "bt709"}), (576, {})])
def test_what_says_nothing_counts_as_hdtv_from_its_height_on_and_is_taken_over_as_it_is(height, said):
    assert colours.said(a_source(height=height), tonemap=True) == said
    assert colours.taken_over(a_source(height=height)) == ({}, [])


def test_what_is_taken_over_says_all_of_it_in_its_parameters():
    _, filters = colours.taken_over(a_source(transfer="iec61966-2-1", matrix="bt470bg"))
    assert filters == ["h264_metadata=colour_primaries=5:transfer_characteristics=13:matrix_coefficients=5"]


def test_a_name_that_h264_may_not_know_is_left_alone():
    assert colours.taken_over(a_source(transfer="log", matrix="bt709")) == ({}, [])
