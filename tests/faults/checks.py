"""What must hold once a campaign is over; each check says in words what does not."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.hls import checker, measuring, reading

FITS_WITHIN_S = 0.3
# A good film may end like this in such a world, and its owner is told to try again.
EXCUSED = ("encode_lost", "no_space", "too_slow", "not_processed")


def unfinished(place, book):
    """The acknowledged uploads that are neither done nor failed yet."""
    states = _states(place)
    return [one.video_id for one in book.stored if states.get(one.video_id, ("gone",))[0] not in ("done", "failed")]


def ends(place):
    """How many videos ended how."""
    return Counter(f"{status} {code}".strip() for status, code, _ in _states(place).values() if status != "gone")


def lost(place, book):
    """Acknowledgements that turned out empty."""
    states = _states(place)
    for one in book.videos.values():
        if one.video_id not in states and not one.deleted:
            yield f"video {one.video_id} has no row, though its ticket was answered with 201"
        elif one.stored and not one.deleted and states[one.video_id][2] not in (one.title, one.asked):
            yield f"video {one.video_id} is called {states[one.video_id][2]!r}, published as {one.title!r}"


def verdicts(place, book):
    """Ends that these files must not come to."""
    states = _states(place)
    for one in book.stored:
        status, code, _ = states.get(one.video_id, ("missing", "", None))
        playable = one.clip != "text"
        if status == "done" and not playable:
            yield f"video {one.video_id} is done, but is no film"
        if status == "failed" and (not code or (playable and code not in EXCUSED)):
            yield f"video {one.video_id} ({one.clip}) failed with {code!r}"


def broken(place, book, clips, *, thorough=10):
    """What is done but does not play from start to end; the last few by every rule of HLS."""
    states = _states(place)
    done = [one for one in book.stored if states.get(one.video_id, ("",))[0] == "done"]
    judged = [(place, one, clips[one.clip], number < thorough) for number, one in enumerate(reversed(done))]
    with ThreadPoolExecutor(3) as pool:
        for found in pool.map(_judge, judged):
            yield from found


def _judge(case):
    place, kept, clip, thorough = case
    attempts = sorted((place.data / "media" / kept.video_id).glob("*/master.m3u8"))
    if len(attempts) != 1:
        return [f"video {kept.video_id} has {len(attempts)} streams"]
    if thorough:
        return [f"video {kept.video_id}: {words}" for words in checker.problems(attempts[0])]
    return [f"video {kept.video_id}: {words}" for words in _plays(attempts[0], clip.duration_s)]


def _plays(path, wanted_s):
    master = reading.master(path)
    for one in (*master.variants, *master.sound):
        if "#EXT-X-ENDLIST" not in one.media.lines or abs(sum(one.media.durations) - wanted_s) > FITS_WITHIN_S:
            yield f"{one.name} is not whole"
        for part in (one.media.path.parent / uri for uri in one.media.uris):
            if not part.is_file() or part.stat().st_size == 0:
                yield f"{part.name} of {one.name} is missing"
    if not master.variants:
        yield "has no variant"
    elif words := measuring.complaints(master.variants[-1].media.path):
        yield f"does not play: {words}"


def left_behind(place, book):
    """Temporary files, leases, dead letters and objects that belong to nobody."""
    states = _states(place)
    for path in place.leftovers():
        yield f"{path.relative_to(place.data)} was left behind"
    yield from _messages(place, book)
    raw = {path.name for path in (place.data / "raw").glob("[!.]*")}
    for name in raw:
        if states.get(name, ("none",))[0] not in ("failed", "pending"):
            yield f"source {name} of a video that is {states.get(name, ('unknown',))[0]}"
    records = len([*(place.data / "raw" / ".metadata").glob("*")])
    if records != len(raw):
        yield f"{records} records of metadata for {len(raw)} sources"
    yield from _streams(place, states)


def _streams(place, states):
    for folder in (place.data / "media").glob("[!.]*"):
        status = states.get(folder.name, ("unknown",))[0]
        attempts = [path.name for path in folder.iterdir()]
        if status == "done" and len(attempts) != 1:
            yield f"media of {folder.name}, which is done, are {attempts}"
        if status not in ("done", "processing") and attempts:
            yield f"media of {folder.name}, which is {status}: {attempts}"


def _messages(place, book):
    for row in place.rows("SELECT * FROM messages WHERE dead = 0"):
        yield f"lane {row['lane']} still has {row['body'][:120]} (receives {row['receives']}, lease {row['lease']})"
    dead = Counter(row["body"] for row in place.rows("SELECT body FROM messages WHERE dead = 1"))
    for body in dead - Counter(book.poison):
        yield f"dead letter that is no poison: {body[:200]}"
    for body in Counter(book.poison) - dead:
        yield f"poison that is no dead letter: {body!r}"


def admitted_without_room(book):
    """Uploads that began and were taken while there was no room."""
    for began, ended in book.admitted:
        if any(full < began and ended < over for full, over in book.windows):
            yield "an upload was taken while the disk was full"


def _states(place):
    sql = (
        "SELECT id, CASE gone WHEN 1 THEN 'gone' ELSE status END AS state, "
        "coalesce(json_extract(record, '$.failure.code'), '') AS code, json_extract(record, '$.title') AS title "
        "FROM videos"
    )
    return {row["id"]: (row["state"], row["code"], row["title"]) for row in place.rows(sql)}
