"""ports.Videos: what every store of rows keeps to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from botocore.stub import Stubber
from ulid import ULID

from sluice.adapters.aws.dynamo import DUE_SHARDS, OLDEST, DynamoVideos
from sluice.adapters.aws.table import PAGE
from sluice.adapters.local.database import Database
from sluice.adapters.local.sqlite import MIGRATIONS, SqliteVideos
from sluice.errors import Conflict, NotFound, Unavailable
from sluice.ports import Held
from sluice.video import Progress, Visibility
from tests.making import ANN, BOB, FACTS, NOW, a_video, an_id, done, failed, processing

JUNE = datetime(2026, 6, 30, 23, 59, tzinfo=UTC)
LAST_MONTH = datetime(2026, 10, 1, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)


def id_at(moment):
    return str(ULID.from_datetime(moment))


def spied(target, name, monkeypatch):
    """The arguments of every call of this method from now on."""
    calls, real = [], getattr(target, name)

    def call(*given, **named):
        calls.append(given)
        return real(*given, **named)

    monkeypatch.setattr(target, name, call)
    return calls


@pytest.fixture
def sqlite(database):
    return SqliteVideos(database)


@pytest.fixture
def dynamo(table, now):
    return DynamoVideos(table, now)


@pytest.fixture(params=["sqlite", "dynamo"])
def videos(request):
    return request.getfixturevalue(request.param)


def test_a_video_reads_back_as_it_was_added(videos):
    added = videos.add(done(description="Zeile 1\nZeile 2 \N{HEAVY BLACK HEART}"))
    assert videos.get(added.id) == added
    assert added.version == 1


def test_an_id_is_added_once(videos):
    videos.add(a_video())
    with pytest.raises(Conflict):
        videos.add(a_video(owner=BOB))


def test_an_unknown_video_is_not_found(videos):
    with pytest.raises(NotFound):
        videos.get(an_id(1))


def test_a_saved_video_is_at_its_next_version(videos):
    added = videos.add(a_video())
    saved = videos.save(replace(added, title="New"))
    assert saved.version == 2
    assert videos.get(added.id) == saved


def test_the_second_writer_of_the_same_version_loses(videos):
    first = videos.add(a_video())
    videos.save(replace(first, title="One"))
    with pytest.raises(Conflict):
        videos.save(replace(first, title="Two"))
    assert videos.get(first.id).title == "One"


def test_saving_a_video_that_was_deleted_is_a_conflict(videos):
    added = videos.add(a_video())
    videos.delete(added.id)
    with pytest.raises(Conflict):
        videos.save(added)


def test_deleting_twice_is_fine(videos):
    videos.add(a_video())
    videos.delete(an_id(1))
    videos.delete(an_id(1))
    with pytest.raises(NotFound):
        videos.get(an_id(1))


def test_progress_is_kept_beside_the_version(videos):
    added = videos.add(processing())
    videos.note(added.id, 1, Progress(40, 12.5), playable=True)
    noted = videos.get(added.id)
    assert (noted.progress, noted.playable, noted.version) == (Progress(40, 12.5), True, 1)


def test_a_save_does_not_undo_progress_it_never_saw(videos):
    added = videos.add(processing())
    videos.note(added.id, 1, Progress(40), playable=True)
    videos.save(replace(added, title="New"))
    assert videos.get(added.id).playable


def test_playable_once_is_playable_for_the_attempt(videos):
    added = videos.add(processing())
    videos.note(added.id, 1, Progress(40), playable=True)
    videos.note(added.id, 1, Progress(41), playable=False)
    assert videos.get(added.id).playable


def test_news_that_comes_late_takes_no_progress_back(videos):
    added = videos.add(processing())
    for percent in (40, 30, 50, 40):
        videos.note(added.id, 1, Progress(percent), playable=False)
    assert videos.get(added.id).progress == Progress(50)


def test_playable_is_kept_however_late_it_is_told(videos):
    added = videos.add(processing())
    videos.note(added.id, 1, Progress(40, 5.0), playable=False)
    videos.note(added.id, 1, Progress(30, 9.0), playable=True)
    noted = videos.get(added.id)
    assert (noted.progress, noted.playable) == (Progress(40, 9.0), True)


def test_a_new_attempt_starts_without_progress(videos):
    added = videos.add(processing())
    videos.note(added.id, 1, Progress(40), playable=True)
    videos.save(added.lose(1, NOW, planned=False))
    lost = videos.get(added.id)
    assert (lost.progress, lost.playable) == (None, False)


def test_progress_of_another_attempt_is_dropped(videos):
    added = videos.add(processing())
    videos.note(added.id, 2, Progress(40), playable=True)
    assert videos.get(added.id) == added


def test_progress_that_comes_after_the_end_is_dropped(videos):
    finished = videos.save(videos.add(processing()).finish(1, FACTS, NOW))
    videos.note(finished.id, 1, Progress(99), playable=True)
    assert videos.get(finished.id) == finished


def test_owned_lists_an_owners_videos_newest_first(videos):
    for number, owner in ((1, ANN), (2, BOB), (3, ANN)):
        videos.add(a_video(number, owner=owner))
    assert [video.id for video in videos.owned(ANN, before=None, limit=9)] == [an_id(3), an_id(1)]


def test_owned_goes_on_below_a_given_id(videos):
    for number in (1, 2, 3):
        videos.add(a_video(number))
    assert [video.id for video in videos.owned(ANN, before=an_id(3), limit=1)] == [an_id(2)]


def test_owned_leaves_deleted_videos_out(videos):
    videos.add(a_video().delete(NOW))
    assert videos.owned(ANN, before=None, limit=9) == []


def test_public_lists_only_what_is_listed(videos):
    videos.add(done(id=an_id(1)))
    videos.add(done(id=an_id(2), visibility=Visibility.PRIVATE))
    videos.add(done(id=an_id(3), visibility=Visibility.UNLISTED))
    videos.add(processing(id=an_id(4)))
    videos.add(done(id=an_id(5)).delete(NOW))
    videos.add(done(id=an_id(6)))
    assert [video.id for video in videos.public(before=None, limit=9)] == [an_id(6), an_id(1)]


def test_a_video_that_turns_private_leaves_the_public_list(videos):
    added = videos.add(done())
    videos.save(replace(added, visibility=Visibility.PRIVATE))
    assert videos.public(before=None, limit=9) == []


def test_due_are_the_overdue_longest_first_and_deleted_ones_too(videos):
    videos.add(a_video(1, due_at=NOW - timedelta(minutes=1)))
    videos.add(a_video(2, due_at=NOW - timedelta(minutes=9), gone=True))
    videos.add(a_video(3, due_at=NOW + timedelta(minutes=1)))
    videos.add(a_video(4, due_at=None))
    assert [video.id for video in videos.due(NOW)] == [an_id(2), an_id(1)]


def test_all_that_are_due_come_once_though_they_move_on_meanwhile(videos):
    made = [videos.add(a_video(number, due_at=NOW - timedelta(seconds=number // 9))).id for number in range(450)]
    driven = [videos.save(video.look_again(NOW)).id for video in videos.due(NOW)]
    assert sorted(driven) == made
    assert list(videos.due(NOW)) == []


def test_all_that_are_due_come_once_though_none_moves_on(videos):
    made = [videos.add(a_video(number, due_at=NOW)).id for number in range(450)]
    assert sorted(video.id for video in videos.due(NOW)) == made


def test_what_is_deleted_while_the_due_are_read_holds_up_nothing(videos):
    made = [videos.add(a_video(number, due_at=NOW)).id for number in range(450)]
    assert sorted(_deleted(videos, video.id) for video in videos.due(NOW)) == made


def _deleted(videos, video_id):
    videos.delete(video_id)
    return video_id


def later(**span):
    return NOW + timedelta(**span)


def test_what_waits_after_its_ticket_is_not_due_before_its_time(sqlite):
    now = NOW + timedelta(hours=5)
    sqlite.add(a_video(1).look_again(now))
    sqlite.add(processing(id=an_id(2)).delete(now).look_again(now))
    assert list(sqlite.due(now + timedelta(minutes=59))) == []
    assert [video.id for video in sqlite.due(now + timedelta(hours=1))] == [an_id(1), an_id(2)]


def test_a_clock_that_was_set_back_does_not_put_off_what_is_unfinished(sqlite):
    sqlite.add(a_video(1, due_at=later(minutes=10)))
    sqlite.add(processing(id=an_id(2), due_at=later(minutes=10)))
    sqlite.add(done(id=an_id(3), gone=True, due_at=later(minutes=10)))
    assert {video.id for video in sqlite.due(NOW)} == {an_id(1), an_id(2), an_id(3)}


def test_what_waits_for_its_time_is_not_taken_for_put_off(sqlite):
    sqlite.add(a_video(1, due_at=later(seconds=90)))
    sqlite.add(a_video(2, nudges=4, due_at=later(minutes=8)))
    sqlite.add(done(id=an_id(3), due_at=later(days=7)))
    assert list(sqlite.due(NOW)) == []


def test_the_public_list_goes_on_below_a_given_id_over_months(videos):
    made = [videos.add(done(id=id_at(moment))).id for moment in (JUNE, LAST_MONTH, YESTERDAY)]
    assert [video.id for video in videos.public(before=None, limit=2)] == [made[2], made[1]]
    assert [video.id for video in videos.public(before=made[1], limit=2)] == [made[0]]


def test_below_the_first_public_video_there_is_none(videos):
    first = videos.add(done(id=id_at(JUNE)))
    assert videos.public(before=first.id, limit=9) == []


def test_the_public_list_of_nothing_is_empty(videos):
    videos.add(processing())
    assert videos.public(before=None, limit=9) == []


def test_long_lists_come_whole(videos):
    made = [videos.add(done(id=an_id(number))).id for number in range(101)]
    assert [video.id for video in videos.public(before=None, limit=200)] == made[::-1]
    assert [video.id for video in videos.owned(ANN, before=None, limit=200)] == made[::-1]


# --- DynamoDB ---------------------------------------------------------------------------------------------------------


def test_the_public_list_asks_for_no_month_before_the_first(dynamo, table, monkeypatch):
    dynamo.add(done(id=id_at(LAST_MONTH)))
    asked = spied(table, "query", monkeypatch)
    assert len(dynamo.public(before=None, limit=9)) == 1
    assert [values[":value"] for _, _, values in asked] == ["public#2026-11", "public#2026-10"]


def test_an_earlier_first_month_is_remembered_whoever_comes_first(table, now):
    early, late = DynamoVideos(table, now), DynamoVideos(table, now)
    late.add(done(id=id_at(YESTERDAY)))
    early.add(done(id=id_at(JUNE)))
    late.add(done(id=id_at(LAST_MONTH)))
    assert table.get(OLDEST)["first_month"] == "public#2026-06"


def test_the_due_are_found_in_every_shard(dynamo, table):
    added = [dynamo.add(a_video(number, due_at=NOW - timedelta(minutes=number))) for number in range(8)]
    assert {table.get(video.id)["due_shard"] for video in added} == {f"due#{n}" for n in range(DUE_SHARDS)}
    assert [video.id for video in dynamo.due(NOW)] == [an_id(number) for number in reversed(range(8))]


def test_a_private_video_is_in_no_public_index(dynamo, table):
    dynamo.add(done(visibility=Visibility.PRIVATE).delete(NOW))
    assert not {"public_month", "owned_by"} & table.get(an_id(1)).keys()


def test_a_claim_is_no_video(dynamo, table):
    table.put({"pk": "job#1#1"})
    with pytest.raises(NotFound):
        dynamo.get("job#1#1")


def test_a_table_that_is_busy_is_unavailable(dynamo, clients):
    with Stubber(clients("dynamodb")) as stub:
        stub.add_client_error("get_item", "ProvisionedThroughputExceededException")
        with pytest.raises(Unavailable):
            dynamo.get(an_id(1))


def test_the_due_are_read_once_however_many_they_are(dynamo, table, clients, monkeypatch):
    added = [dynamo.add(a_video(number, due_at=NOW)) for number in range(450)]
    asked = spied(clients("dynamodb"), "query", monkeypatch)
    assert len(list(dynamo.due(NOW))) == len(added)
    assert len(asked) <= len(added) // PAGE + 2 * DUE_SHARDS


# --- SQLite -----------------------------------------------------------------------------------------------------------


def test_the_due_are_found_by_their_index_alone(database, sqlite, monkeypatch):
    asked = spied(database, "rows", monkeypatch)
    list(sqlite.due(NOW))
    sql, values = asked[0]
    (step,) = database.rows(f"EXPLAIN QUERY PLAN {sql}", values)
    assert step["detail"].startswith("SEARCH videos USING INDEX videos_due ((due_at,id)>")


@pytest.mark.parametrize(
    ("asked_for", "steps"),
    [
        (lambda videos: videos.public(before=an_id(7), limit=3), ["SEARCH videos USING INDEX videos_listed (id<?)"]),
        (lambda videos: videos.public(before=None, limit=3), ["SCAN videos USING INDEX videos_listed"]),
        (
            lambda videos: videos.owned(ANN, before=an_id(7), limit=3),
            ["SEARCH videos USING INDEX videos_owned (owner=? AND id<?)"],
        ),
        (lambda videos: videos.owned(ANN, before=None, limit=3), ["SEARCH videos USING INDEX videos_owned (owner=?)"]),
    ],
    ids=["public, deep", "public, first", "owned, deep", "owned, first"],
)
def test_a_page_is_read_in_the_order_of_its_index_from_where_it_begins(database, sqlite, monkeypatch, asked_for, steps):
    """The first public page walks its index, which lists nothing else, and stops at the limit."""
    asked = spied(database, "rows", monkeypatch)
    asked_for(sqlite)
    sql, values = asked[0]
    assert [step["detail"] for step in database.rows(f"EXPLAIN QUERY PLAN {sql}", values)] == steps


def test_a_second_process_sees_what_the_first_one_stored(tmp_path):
    first = SqliteVideos(Database(tmp_path / "sluice.db", MIGRATIONS)).add(a_video())
    assert SqliteVideos(Database(tmp_path / "sluice.db", MIGRATIONS)).get(first.id) == first


# what an owner's videos take up


def test_nothing_takes_up_nothing(videos):
    assert videos.held(ANN, NOW) == Held()


def test_uploads_under_way_are_counted_until_their_tickets_run_out(videos):
    videos.add(a_video(1, expires_at=NOW + timedelta(minutes=9)))
    videos.add(a_video(2, expires_at=NOW + timedelta(minutes=5)))
    videos.add(a_video(3, expires_at=NOW - timedelta(seconds=1)))
    videos.add(a_video(4, arrived=True))
    held = videos.held(ANN, NOW)
    assert (held.uploads, held.first_until) == (2, NOW + timedelta(minutes=5))


def test_film_is_counted_from_its_encode_on_and_not_when_that_failed(videos):
    videos.add(processing(id=an_id(1)))
    videos.add(done(id=an_id(2)))
    videos.add(failed(id=an_id(3)))
    assert videos.held(ANN, NOW).seconds == 2 * FACTS.duration_s


def test_bytes_are_counted_wherever_they_lie(videos):
    videos.add(done(id=an_id(1), stored_bytes=1000))
    videos.add(failed(id=an_id(2), stored_bytes=5 * 10**12))
    assert videos.held(ANN, NOW).bytes == 5 * 10**12 + 1000


def test_what_happens_to_a_video_changes_what_is_held(videos):
    video = videos.add(a_video(1))
    video = videos.save(video.found(700, "a").start(FACTS, NOW))
    assert videos.held(ANN, NOW) == Held(seconds=FACTS.duration_s, bytes=700)
    videos.save(video.finish(1, FACTS, NOW, 900))
    assert videos.held(ANN, NOW) == Held(seconds=FACTS.duration_s, bytes=900)


def test_a_deleted_video_is_not_held(videos):
    video = videos.add(done(stored_bytes=1000))
    videos.save(video.delete(NOW))
    assert videos.held(ANN, NOW) == Held()


def test_others_hold_their_own(videos):
    videos.add(a_video(1, owner=BOB))
    assert videos.held(ANN, NOW) == Held()


def test_film_from_before_it_was_counted_is_counted(tmp_path):
    old = Database(tmp_path / "old.db", MIGRATIONS[:2])
    columns = "id, owner, version, status, attempt, listed, gone, record"
    record = '{"facts": {"duration_s": 12.5}}'
    old.execute(f"INSERT INTO videos ({columns}) VALUES (?, 'ann', 1, 'done', 1, 1, 0, ?)", (an_id(1), record))
    videos = SqliteVideos(Database(tmp_path / "old.db", MIGRATIONS))
    assert videos.held(ANN, NOW) == Held(seconds=12.5)
