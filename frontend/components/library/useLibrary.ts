"use client";

import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { ownVideos, video as ask, type Known, type Video, type VideoList } from "@/lib/api";
import { sentence } from "@/lib/errors";
import { ApiError } from "@/lib/http";
import { isMoving, useAgainAndAgain } from "@/lib/live";

const MOVING_MS = 1500;
const RESTING_MS = 15_000;
const LONGEST_MS = 60_000;

/** The user's own videos, kept up to date: the newest page as a whole, older ones while they are in motion. */
export function useLibrary() {
  const known = useRef<Known<VideoList> | null>(null);
  const failures = useRef(0);
  const [first, setFirst] = useState<VideoList | null>(null);
  const [older, setOlder] = useState<VideoList | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [signedOut, setSignedOut] = useState(false);
  const latestOlder = useRef(older);
  useEffect(() => {
    latestOlder.current = older;
  }, [older]);

  const look = async () => {
    try {
      const found = await ownVideos(null, known.current);
      const open = latestOlder.current?.items;
      const pushed = open ? pushedOff(known.current?.body.items ?? [], found.body.items) : [];
      const news = await renewed([...(pushed ?? []), ...(open ?? []).filter(isMoving)]);
      failures.current = 0;
      known.current = found;
      setFirst(found.body);
      setOlder((old) => old && pushed && updated({ ...old, items: [...pushed, ...old.items] }, news));
      setProblem(null);
      setSignedOut(false);
      return [...found.body.items, ...news.values()].some((one) => one && isMoving(one)) ? MOVING_MS : RESTING_MS;
    } catch (error) {
      failures.current += 1;
      const gone = error instanceof ApiError && error.status === 401;
      setSignedOut(gone);
      setProblem(gone ? null : sentence(error));
      return gone ? RESTING_MS : Math.min(MOVING_MS * 2 ** failures.current, LONGEST_MS);
    }
  };
  const reload = useAgainAndAgain(look);

  const next = older ? older.nextCursor : (first?.nextCursor ?? null);
  const more = useCallback(() => {
    if (!next) return;
    ownVideos(next, null)
      .then(({ body }) => setOlder((old) => ({ items: [...(old?.items ?? []), ...body.items], nextCursor: body.nextCursor })))
      .catch((error: unknown) => setProblem(sentence(error)));
  }, [next]);
  const tell = (id: string, video: Video | null) => {
    const news = new Map([[id, video]]);
    setFirst((list) => list && updated(list, news));
    setOlder((list) => list && updated(list, news));
    reload();
  };
  const changed = (video: Video) => tell(video.id, video);
  const forget = (id: string) => tell(id, null);

  const videos = useMemo(() => (first ? merged(first.items, older?.items ?? []) : null), [first, older]);
  return { videos, problem, signedOut, hasMore: next !== null, more, reload, changed, forget };
}

/** What is known of some videos by now; null for one that is gone. */
type News = Map<string, Video | null>;

function updated(list: VideoList, news: News): VideoList {
  const items = list.items.map((one) => (news.has(one.id) ? news.get(one.id) : one));
  return { ...list, items: items.filter((one) => !!one) };
}

/** Those that newer uploads pushed off the first page; null where others may lie between, because none is left of it. */
function pushedOff(before: Video[], now: Video[]): Video[] | null {
  const last = now.at(-1)?.id ?? "";
  const below = before.filter((one) => one.id < last);
  return before.length > 0 && below.length === before.length ? null : below;
}

/** Pages overlap where videos came or went meanwhile. */
function merged(first: Video[], older: Video[]): Video[] {
  const known = new Set<string>();
  return [...first, ...older].filter(({ id }) => !known.has(id) && known.add(id));
}

async function renewed(videos: Video[]): Promise<News> {
  return new Map(await Promise.all(videos.map(async (one): Promise<[string, Video | null]> => [one.id, await unlessGone(one.id)])));
}

async function unlessGone(id: string): Promise<Video | null> {
  try {
    return (await ask(id)).body;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
