"""The local worker: threads that take messages off their lanes, and one that sweeps."""

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial

from sluice import flow, layout
from sluice.adapters.local.doorbell import Doorbell, ring_all
from sluice.adapters.local.encoder import run_order
from sluice.adapters.local.job import Job
from sluice.adapters.local.kept import Kept
from sluice.adapters.local.orders import LANE as ENCODER
from sluice.adapters.local.orders import job_of, loads
from sluice.adapters.local.pool import Pool, usable_memory
from sluice.adapters.local.queue import MAX_RECEIVES, Lease
from sluice.adapters.local.room import RoomWatch
from sluice.errors import MachineUnusable, SluiceError, Unavailable
from sluice.ladder import Order
from sluice.machine import busy_cores
from sluice.messages import LANES, EncodeLost, EncodeProgressed
from sluice.sweep import sweep
from sluice.wiring.local import LocalHome

from . import aws_events, capacity

ALL_LANES = (*LANES, ENCODER)
# As many sources are looked into at once as there are cores, to a bound: a look may take some memory. What is left when
# an encode has ended mostly waits for the disk.
THREADS = {"sources": max(2, min(4, busy_cores())), "encodes": 2, "tasks": 1}
LEASE_S = 15.0
RENEW_EVERY_S = 3.0
# Looking costs an index; what was lost is taken up a quarter of a minute after it became due.
SWEEP_EVERY_S = 15.0
SLEEP_AT_MOST_S = 5.0
UNUSABLE_PAUSE_S = 5.0

log = logging.getLogger(__name__)


class Worker:
    """Threads over the local home; `run` returns once the process has been told to stop."""

    def __init__(self, home: LocalHome, lanes: Sequence[str]) -> None:
        self._home = home
        self._lanes = lanes
        cores, memory_bytes = home.app.settings.workers, usable_memory()
        # An encode's own thread waits and publishes; the pool takes the cores.
        self._threads = {**THREADS, ENCODER: capacity.films_at_once(cores, memory_bytes)}
        self._held: set[Lease] = set()
        self._told = False
        self._stopping = threading.Event()
        self._whole = True
        self._pool = Pool(cores, memory_bytes)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; what is under way then goes back to its lane.

        Unavailable, in the same order, once a thread can't go on: who only seems to work would not be replaced.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        self._home.queue.free_abandoned()
        threads = [threading.Thread(target=self._keep, args=(body,), name=name) for name, body in self._bodies()]
        with self._renewing():
            self._keep(lambda: _start(threads))
            for thread in threads:
                if thread.ident is not None:
                    thread.join()
        if not self._whole:
            raise Unavailable("a part of this worker failed; the lines above say why")

    def _keep(self, body: Callable[[], None]) -> None:
        try:
            body()
        except Exception:
            log.exception("thread=%s failed; this worker ends", threading.current_thread().name)
            self._whole = False
            self.stop()

    def stop(self) -> None:
        """Tell every thread to end soon."""
        if self._told:
            # A signal may come in the middle of this, and an event that is being set would wait for itself.
            return
        self._told = True
        self._stopping.set()
        # Who isn't rung looks up by itself a little later.
        with suppress(OSError):
            for lane in self._lanes:
                ring_all(self._home.bells, lane)

    def _bodies(self) -> Iterator[tuple[str, Callable[[], None]]]:
        for lane in self._lanes:
            yield lane, partial(self._serve, lane)
        if "tasks" in self._lanes:
            yield "sweep", self._sweep

    def _serve(self, lane: str) -> None:
        """Take the lane's messages, each into a thread, of which there are only as many as were needed at once."""
        with Doorbell(self._home.bells, lane, "0") as bell, ThreadPoolExecutor(self._threads[lane], lane) as threads:
            # What is under way ends before these are left, and must hear of it.
            self._keep(partial(self._dispatch, lane, bell, threads))

    def _dispatch(self, lane: str, bell: Doorbell, threads: ThreadPoolExecutor) -> None:
        most, busy = self._threads[lane], set[Future[None]]()
        while not self._stopping.is_set():
            try:
                busy = {one for one in busy if not one.done()}
                lease = self._home.queue.lease(lane, LEASE_S) if len(busy) < most else None
                if lease is not None:
                    work = threads.submit(self._keep, partial(self._try, lease))
                    busy.add(work)
                    work.add_done_callback(lambda _: bell.ring())
                else:
                    bell.wait(self._sleep_s(lane) if len(busy) < most else SLEEP_AT_MOST_S)
            except SluiceError as error:
                log.warning("lane=%s %s", lane, error)
                self._stopping.wait(1)

    def _sleep_s(self, lane: str) -> float:
        idle_s = self._home.queue.idle_s(lane)
        return SLEEP_AT_MOST_S if idle_s is None else min(SLEEP_AT_MOST_S, idle_s)

    def _try(self, lease: Lease) -> None:
        try:
            self.work_on(lease)
        except SluiceError as error:
            # It is taken again when its lease has run out.
            log.warning("lane=%s %s", lease.lane, error)

    def work_on(self, lease: Lease) -> None:
        """Do what this message asks, to its end; put it back if that fails."""
        work = self._encode if lease.lane == ENCODER else self._deliver
        with self._kept(lease):
            try:
                work(lease)
            except MachineUnusable as error:
                # Not the message's fault: it must not become a dead letter by it.
                log.warning("lane=%s put back until this machine can work on it: %s", lease.lane, error)
                self._home.queue.release(lease, delay_s=UNUSABLE_PAUSE_S)
            except Exception as error:
                log.warning("lane=%s receives=%d put back: %r", lease.lane, lease.receives, error, exc_info=True)
                self._home.queue.retry(lease, f"{type(error).__name__}: {error}")

    @contextmanager
    def _kept(self, lease: Lease) -> Iterator[None]:
        """Have the lease renewed while the work lasts."""
        self._held.add(lease)
        try:
            yield
        finally:
            self._held.discard(lease)

    @contextmanager
    def _renewing(self) -> Iterator[None]:
        over = threading.Event()
        renewer = threading.Thread(target=self._keep, args=(partial(self._renew, over),), name="renew")
        renewer.start()
        try:
            yield
        finally:
            over.set()
            renewer.join()

    def _renew(self, over: threading.Event) -> None:
        while not over.wait(RENEW_EVERY_S):
            try:
                # A copy in one step: other threads add to it.
                self._home.queue.renew(self._held.copy(), LEASE_S)
            except SluiceError as error:
                log.warning("leases not renewed: %s", error)

    def _deliver(self, lease: Lease) -> None:
        for message in aws_events.parse(lease.body):
            flow.handle(self._home.app, message)
        self._home.queue.ack(lease)

    def _encode(self, lease: Lease) -> None:
        order = loads(lease.body)
        home = self._home
        if lease.receives >= MAX_RECEIVES:
            # Its workers died, each time; what is counted is the video's lost encodes, and the next one begins anew.
            home.queue.ack(lease, then=EncodeLost(order.video_id, order.attempt))
            return
        end = run_order(self._job(lease, order), stands=lambda: home.queue.has(ENCODER, job_of(order)))
        home.queue.ack(lease, then=end)

    def _job(self, lease: Lease, order: Order) -> Job:
        home = self._home
        work = home.work.absolute()
        return Job(
            order=order,
            settings=home.app.settings,
            pool=self._pool,
            source=home.sources.path(layout.source_key(order.video_id)).absolute(),
            # Who lost the lease to us may not have noticed yet.
            work=work / f"{order.video_id}-{order.attempt}-{lease.receives}",
            kept=Kept(work / order.video_id),
            media=home.media,
            room=RoomWatch(home.room),
            report=self._report,
            wanted=lambda: home.queue.holds(lease),
            stopping=self._stopping.is_set,
        )

    def _report(self, news: EncodeProgressed) -> None:
        try:
            flow.handle(self._home.app, news)
        except SluiceError as error:
            log.warning("video=%s progress not noted: %s", news.video_id, error)

    def _sweep(self) -> None:
        while not self._stopping.is_set():
            try:
                sweep(self._home.app)
                self._home.sweep_leftovers()
            except Exception:
                log.exception("the sweep failed; the next one is in %d s", SWEEP_EVERY_S)
            self._stopping.wait(SWEEP_EVERY_S)


def _start(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
