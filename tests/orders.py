"""A source, and the order to encode it, that tests of the encoder start from."""

from sluice.ladder import Order, Source, plan
from tests.making import an_id

SOURCE = Source(
    format="mov,mp4,m4a,3gp,3g2,mj2",
    duration_s=10.0,
    video_index=0,
    video_codec="h264",
    width=1280,
    height=720,
    pixel_aspect=1.0,
    rotation=0,
    frame_rate="25/1",
    variable_frame_rate=False,
    interlaced=False,
    pixel_format="yuv420p",
    color_transfer=None,
    video_start_s=0.0,
    bitrate=None,
    audio_index=1,
    audio_channels=2,
)
ORDER = Order(an_id(1), 1, SOURCE, plan(SOURCE, tall=False))
