"""Mischief inside the database: triggers that lose, double and shuffle events, clocks that jump, poison.

Only events are lost, as a cloud may lose them; an order to the encoder is our own row, not news from outside.
"""

from collections import defaultdict
from contextlib import closing

EVENTS = "('sources', 'encodes')"
LOST, DOUBLED, SHUFFLED = 10, 10, 25
LATE_MS = 3000

POISON = (
    "{",
    "null",
    "[]",
    '"a string"',
    "{}",
    '{"type": "no_such_thing"}',
    '{"type": "source_arrived"}',
    '{"type": "source_arrived", "video_id": 7}',
    '{"Records": [{"eventName": "ObjectCreated:Post"}]}',
    '{"Records": 7}',
    '{"type": "encode_succeeded", "video_id": "01JD0000000000000000000001", "attempt": "one"}',
    "\x00\x01",
)

TABLES = """
    CREATE TABLE IF NOT EXISTS fault_counts (kind TEXT PRIMARY KEY, many INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS fault_poison (body TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS fault_left (id TEXT, was TEXT, became TEXT);
    INSERT OR IGNORE INTO fault_counts VALUES ('lost', 0), ('doubled', 0), ('shuffled', 0);
    CREATE TRIGGER IF NOT EXISTS fault_left AFTER UPDATE OF status ON videos
        WHEN OLD.status IN ('done', 'failed') AND NEW.status <> OLD.status
        BEGIN INSERT INTO fault_left VALUES (OLD.id, OLD.status, NEW.status); END;
"""

TRIGGERS = f"""
    CREATE TRIGGER IF NOT EXISTS fault_double AFTER INSERT ON messages
        WHEN NEW.key IS NULL AND abs(random() % 100) < {DOUBLED} AND NEW.body NOT IN (SELECT body FROM fault_poison)
        BEGIN
            INSERT INTO messages (lane, body, sent_at, visible_at) VALUES (NEW.lane, NEW.body, NEW.sent_at,
                NEW.visible_at + abs(random() % {LATE_MS}) / 1000.0);
            UPDATE fault_counts SET many = many + 1 WHERE kind = 'doubled';
        END;
    CREATE TRIGGER IF NOT EXISTS fault_shuffle AFTER INSERT ON messages
        WHEN NEW.key IS NULL AND abs(random() % 100) < {SHUFFLED}
        BEGIN
            UPDATE messages SET visible_at = visible_at + abs(random() % {LATE_MS}) / 1000.0 WHERE seq = NEW.seq;
            UPDATE fault_counts SET many = many + 1 WHERE kind = 'shuffled';
        END;
    CREATE TRIGGER IF NOT EXISTS fault_lose AFTER INSERT ON messages
        WHEN NEW.lane IN {EVENTS} AND abs(random() % 100) < {LOST} AND NEW.body NOT IN (SELECT body FROM fault_poison)
        BEGIN
            DELETE FROM messages WHERE seq = NEW.seq;
            UPDATE fault_counts SET many = many + 1 WHERE kind = 'lost';
        END;
"""

# Every event is lost when it is sent for the first time; the sweep's own announcement of the same thing comes through.
# Noted is when it was lost, when its video was due next, and when it was made good: announced again, or done without.
_NOW = "(julianday('now') - 2440587.5) * 86400.0"
LOSE_FIRST = f"""
    CREATE TABLE IF NOT EXISTS fault_first (body TEXT PRIMARY KEY, video TEXT, due_at REAL, good_at REAL);
    CREATE TRIGGER IF NOT EXISTS fault_lose_first AFTER INSERT ON messages WHEN NEW.lane IN {EVENTS}
        BEGIN
            UPDATE fault_first SET good_at = {_NOW} WHERE body = NEW.body AND good_at IS NULL;
            DELETE FROM messages WHERE seq = NEW.seq AND body NOT IN (SELECT body FROM fault_first);
            INSERT OR IGNORE INTO fault_first (body, video, due_at)
                SELECT NEW.body, id, max(NEW.sent_at, due_at) FROM videos
                WHERE id = json_extract(NEW.body, '$.video_id');
        END;
    CREATE TRIGGER IF NOT EXISTS fault_move AFTER UPDATE OF status ON videos WHEN NEW.status != OLD.status
        BEGIN UPDATE fault_first SET good_at = {_NOW} WHERE video = NEW.id AND good_at IS NULL; END;
"""
_OVER = [f"DROP TRIGGER IF EXISTS fault_{name};" for name in ("double", "shuffle", "lose")]


def watch_ends(place):
    """From now on a video that leaves `done` or `failed` is written down."""
    _run(place, TABLES)


def begin(place, triggers=TRIGGERS):
    """From now on events are lost, doubled and late."""
    _run(place, triggers)


def end(place):
    """Events come as they should again."""
    _run(place, "".join(_OVER))


def counts(place):
    """How many events were tampered with, by what was done."""
    return {row["kind"]: row["many"] for row in place.rows("SELECT * FROM fault_counts")}


def left_ends(place):
    """Every video that left an end, and for what."""
    return [tuple(row) for row in place.rows("SELECT * FROM fault_left")]


def overdue_s(place):
    """For each video, how many seconds each event that it lost was overdue when that was made good; None if never."""
    found = defaultdict(list)
    sql = "SELECT video, good_at - fault_first.due_at FROM fault_first JOIN videos ON id = video WHERE gone = 0"
    for video, late_s in place.rows(sql):
        found[video].append(late_s)
    return found


def poison(place, lane, body):
    """Put something into a lane that nobody can ever work on."""
    with place.database() as database:
        database.execute("INSERT OR IGNORE INTO fault_poison VALUES (?)", (body,))
        sql = "INSERT INTO messages (lane, body, sent_at, visible_at) VALUES (?, ?, unixepoch(), unixepoch())"
        database.execute(sql, (lane, body))


def jump(place, seconds):
    """What a clock that jumps ahead (or, with less than nothing, back) makes of every time that is kept."""
    with place.database() as database:
        database.execute("BEGIN IMMEDIATE")
        database.execute("UPDATE messages SET visible_at = visible_at - ?, sent_at = sent_at - ?", (seconds, seconds))
        database.execute("UPDATE videos SET due_at = due_at - ? WHERE due_at IS NOT NULL", (seconds,))
        database.execute("COMMIT")


def _run(place, script):
    with place.database() as database, closing(database.cursor()) as cursor:
        cursor.executescript(script)
