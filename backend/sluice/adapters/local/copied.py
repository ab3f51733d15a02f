"""The top rung taken over from the source as it is: there to be watched almost at once, whatever is encoded."""

import logging
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cached_property

from sluice import boxes, playlists
from sluice.adapters.cadence import REST_S
from sluice.adapters.chunks import uncopyable, unlike_ours
from sluice.adapters.ffmpeg import copy_argv
from sluice.adapters.h264_levels import level
from sluice.ladder import Order
from sluice.layout import AUDIO, INIT, PLAYLIST

from . import durable, process
from .avc import Head
from .durable import disk
from .job import Job
from .kept import note_spent
from .mp4 import changes_midway
from .pool import Band, Task
from .process import Unsuited
from .rests import joined, with_rest

_log = logging.getLogger(__name__)

_KEPT = "copied"
_MEMORY = 96 << 20
_NICENESS = 1
# Players find segments of different rungs by their times; a clock of a thousand ticks is still good enough.
_IN_STEP_S = Fraction(1, 1000)


def takes_sound_over(job: Job) -> bool:
    """Whether the sound of the source may do as it is."""
    if not job.order.facts.has_audio:
        return False
    reason = _reason_against_sound(job)
    if reason is not None:
        _log.info("%s sound not copied: %s", job.order.name, reason)
    return reason is None


def _reason_against_sound(job: Job) -> str | None:
    if not job.settings.copy_sound:
        return "that is switched off"
    if job.kept.refused(AUDIO):
        return "an earlier attempt found that out"
    reason = unlike_ours(job.order.source, job.order.facts)
    return reason or ("it is joined of several films" if changes_midway(job.source) else None)


def reason_against(job: Job) -> str | None:
    """Why the top rung has to be encoded; None if the source may do as it is, as far as can be told beforehand."""
    if not job.settings.copy_top:
        return "that is switched off"
    reason = uncopyable(job.order.source, job.order.facts)
    return reason or ("it is joined of several films" if changes_midway(job.source) else None)


class Copied:
    """One copied top rung: ffmpeg's segments, each looked at before it is put where the publisher finds it.

    `starts` are the first frames of its segments, and `frames` how many it has: of all of them, once it is `whole`.
    """

    def __init__(self, job: Job) -> None:
        self.name = job.order.facts.renditions[0].name
        self.starts: list[int] = []
        self.frames = 0
        self.whole = job.kept.has(_KEPT)
        self.cpu_s = job.kept.spent_s(_KEPT)
        self.folder = (job.kept.path(_KEPT) if self.whole else job.folder("taken")) / self.name
        self._job = job
        self._rate = job.order.facts.rate
        self._written = job.work / _KEPT / self.name
        self._named = 0
        self._taken: list[playlists.Segment] = []
        if self.whole:
            for segment in playlists.parse((self.folder / PLAYLIST).read_text()).segments:
                self._add(segment.uri, round(segment.duration_s * self._rate))

    @property
    def order(self) -> Order:
        """The order, by which the top rung may spend what its source does."""
        order = self._job.order
        top, *others = order.facts.renditions
        spent = replace(top, max_bitrate=max(top.max_bitrate, order.source.bitrate or 0))
        return replace(order, facts=replace(order.facts, renditions=(spent, *others)))

    @property
    def longer_s(self) -> float:
        """How much longer than usual its segments may be."""
        return self._job.order.source.keyframe_gap_s + float(REST_S)

    def tasks(self, owner: object, note: Callable[[], None]) -> list[Task]:
        """What there is to do; `note` hears that something of it may have been finished."""
        if self.whole:
            return []

        def copy(task: Task) -> None:
            argv = copy_argv(self._job.settings.ffmpeg, str(self._job.source), self._job.order)
            folder = self._written.parent
            self.cpu_s = process.run(self._job, task, argv, folder, _NICENESS, lambda _: note()) or 0.0

        self._job.folder(f"taken/{self.name}")
        self._job.folder(f"{_KEPT}/{self.name}")
        return [Task(owner, Band.FIRST, 0, _MEMORY, copy)]

    def take(self) -> None:
        """Take over what is finished by now; Unsuited where something of it will not do."""
        if self.whole or not (self._written / PLAYLIST).exists():
            return
        with disk():
            try:
                self._take_from(playlists.parse((self._written / PLAYLIST).read_text()))
            except (FileNotFoundError, ValueError) as error:
                raise Unsuited(str(error)) from error

    def keep(self) -> None:
        """Keep it for other attempts, once all of it was taken over."""
        if not self.whole:
            note_spent(self.folder.parent, self.cpu_s)
            self._job.keep_linked(self.folder.parent, _KEPT)
            self.whole = True

    # --- inside -----------------------------------------------------------------------------------------------------

    def _take_from(self, written: playlists.MediaPlaylist) -> None:
        for segments in with_rest(written.segments[self._named :], ended=written.ended):
            self._take(segments)
        if written.ended and self.frames != self._job.order.source.frames:
            raise Unsuited(f"{self.frames} frames of {self._job.order.source.frames}")
        if self._taken:
            # With lengths that are those of the other rungs to the microsecond.
            taken = playlists.MediaPlaylist(0, INIT, tuple(self._taken), written.ended)
            (self.folder / PLAYLIST).write_text(playlists.write(taken))

    def _take(self, segments: list[playlists.Segment]) -> None:
        name, file = segments[0].uri, joined([self._written / segment.uri for segment in segments])
        frames = self._looked_at(file.read_bytes(), name)
        if not self._taken:
            durable.link(self._written / INIT, self.folder / INIT)
        file.rename(self.folder / name)
        self._named += len(segments)
        self._add(name, frames)

    def _add(self, uri: str, frames: int) -> None:
        self.starts.append(self.frames)
        self.frames += frames
        self._taken.append(playlists.Segment(uri, float(frames / self._rate)))

    # --- what will do -----------------------------------------------------------------------------------------------

    def _looked_at(self, content: bytes, name: str) -> int:
        """How many frames it holds; Unsuited unless they are in their places and can be decoded from the first on."""
        head, scale = self._head
        fragments = boxes.fragments(content)
        frames = sum(fragment.samples for fragment in fragments)
        late_s = Fraction(fragments[0].start, scale) - self.frames / self._rate
        over_s = Fraction(fragments[-1].end, scale) - (self.frames + frames) / self._rate
        # What the last frame says of its length is often a guess.
        if abs(late_s) > _IN_STEP_S or abs(over_s) > 1 / self._rate:
            raise Unsuited(f"{name} begins {float(late_s):+.4f} s and ends {float(over_s):+.4f} s off")
        if trouble := head.trouble(content):
            raise Unsuited(f"{name} {trouble}")
        return frames

    @cached_property
    def _head(self) -> tuple[Head, int]:
        """What all segments need, and the ticks of their clock; Unsuited if not every decoder could show them."""
        init = (self._written / INIT).read_bytes()
        head, top = Head.read(init), self._job.order.facts.renditions[0]
        if not head.decodes_anywhere(level(top.width, top.height, self._rate, top.max_bitrate)):
            raise Unsuited(f"it asks for decoders of level {head.level / 10}")
        return head, boxes.timescale(init)
