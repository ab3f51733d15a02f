"""Following an encode to its end."""

from collections.abc import Callable

from .answers import Error, Video, understood
from .api import Api
from .troubles import Failed

_LOOK_EVERY_S = 1.0

Look = Callable[[str, float, float | None], None]


def wait(api: Api, video_id: str, look: Look, pause: Callable[[float], None]) -> Video:
    """The video once it is done; `look` is told of stage, percent and seconds left. Failed with the reason."""
    while True:
        status = api.status(video_id)
        progress = status["progress"]
        look(progress["stage"], progress["percent"], progress["secondsLeft"])
        if status["status"] == "failed":
            error = understood(status["error"], Error)
            raise Failed(f"{video_id} can't be played: {error['detail']} ({error['code']})")
        if status["status"] == "done":
            return api.video(video_id)
        pause(_LOOK_EVERY_S)
