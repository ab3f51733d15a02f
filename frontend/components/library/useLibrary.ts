"use client";

import { useCallback, useMemo, useRef, useState } from "react";

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

  const look = async () => {
    try {
      known.current = await ownVideos(null, known.current);
      const moved = older?.items.some(isMoving) ? await renewed(older) : older;
      failures.current = 0;
      setFirst(known.current.body);
      setOlder(moved);
      setProblem(null);
      setSignedOut(false);
      return [...known.current.body.items, ...(moved?.items ?? [])].some(isMoving) ? MOVING_MS : RESTING_MS;
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
  const forget = useCallback((id: string) => {
    const without = (list: VideoList | null) => list && { ...list, items: list.items.filter((one) => one.id !== id) };
    setFirst(without);
    setOlder(without);
  }, []);

  const videos = useMemo(() => (first ? merged(first.items, older?.items ?? []) : null), [first, older]);
  return { videos, problem, signedOut, hasMore: next !== null, more, reload, forget };
}

/** Newer uploads push videos from the first page down onto older ones that are here already. */
function merged(first: Video[], older: Video[]): Video[] {
  const known = new Set(first.map((one) => one.id));
  return [...first, ...older.filter((one) => !known.has(one.id))];
}

async function renewed(list: VideoList): Promise<VideoList> {
  const items = await Promise.all(list.items.map((one) => (isMoving(one) ? ask(one.id).then((found) => found.body) : one)));
  return { ...list, items };
}
