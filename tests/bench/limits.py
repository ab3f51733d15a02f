"""What a burst runs into, in one place; every value can be given on the command line by its name."""

from dataclasses import dataclass

from sluice.adapters.aws.clients import ATTEMPTS
from sluice.video import LOOK_AFTER_SHARE, MAX_NUDGES, SWEEP_AFTER


@dataclass(frozen=True)
class Limits:
    """The values of terraform/, those of the code, AWS's quotas as far as they are known, and guesses at durations."""

    # The burst.
    uploads: int = 10_000
    over_s: float = 60.0
    film_s: float = 120.0
    height: int = 1080
    seed: int = 1

    # terraform/functions.tf and queues.tf.
    sources_at_once: int = 10
    sources_timeout_s: float = 300.0
    encodes_at_once: int = 20
    encodes_timeout_s: float = 60.0
    sweep_every_s: float = 60.0
    sweep_timeout_s: float = 120.0
    visibility_factor: float = 6.0
    max_receives: int = 5

    # The code: video.py, sweep.py, adapters/aws/clients.py, the order's StatusUpdateInterval.
    sweep_after_s: float = SWEEP_AFTER.total_seconds()
    look_after_share: float = LOOK_AFTER_SHARE
    max_nudges: int = MAX_NUDGES
    call_attempts: int = ATTEMPTS
    status_every_s: float = 10.0

    # MediaConvert's quotas, which differ from account to account: look yours up in Service Quotas.
    calls_per_s: float = 2.0
    calls_burst: float = 100.0
    jobs_at_once: int = 100

    # How long things take: guesses, generous ones.
    probe_s: float = 3.0
    message_s: float = 0.1
    finish_s: float = 3.0
    sweep_item_s: float = 0.05
    encode_start_s: float = 20.0
    encode_speed: float = 2.0
