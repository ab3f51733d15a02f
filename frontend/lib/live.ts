/** Things that change by themselves, kept up to date by asking again; a hidden tab doesn't ask. */

import { useCallback, useEffect, useRef, useState } from "react";

import { video as ask, type Known, type Video } from "./api";
import { mayPass } from "./errors";
import { ApiError } from "./http";

const MOVING_MS = 1000;
// One that was just uploaded can be watched in a moment; whoever waits for longer waits for something else.
const SOON_MS = 250;
const SOON_LOOKS = 40;
const LONGEST_MS = 30_000;
const PATIENCE_MS = 60_000;

/** Calls `look` now, and again after as many milliseconds as it answers; null ends it. The returned call looks at once. */
export function useAgainAndAgain(look: () => Promise<number | null>): () => void {
  const latest = useRef(look);
  useEffect(() => {
    latest.current = look;
  });
  const now = useRef<() => void>(() => undefined);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let [running, ended, again] = [false, false, false];
    const turn = async () => {
      if (running || ended || document.hidden) return void (again = running);
      clearTimeout(timer);
      running = true;
      const rest = await latest.current().catch(() => LONGEST_MS);
      running = false;
      const next = again ? 0 : rest;
      again = false;
      if (!ended && next !== null) timer = setTimeout(() => void turn(), next);
    };
    const look = () => void turn();
    now.current = look;
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return useCallback(() => now.current(), []);
}

/** Whether its state can still change by itself. */
export function isMoving(video: Video): boolean {
  return video.status === "pending" || video.status === "processing";
}

/** Whether that answer will stay what it is: it is not there, or not for this visitor. */
export function isGone(problem: unknown): boolean {
  return problem instanceof ApiError && !mayPass(problem.status);
}

/** How long to wait after that many failures, and after what the last of them said, as far as somebody waits so long. */
export function restAfter(failures: number, problem: unknown): number {
  const told = problem instanceof ApiError ? problem.retryAfterS * 1000 : 0;
  return Math.max(Math.min(told, PATIENCE_MS), Math.min(MOVING_MS * 2 ** failures, LONGEST_MS));
}

/** What a lost attempt left can be watched until there is something of the next one. */
function stillPlayable(video: Video, before: Video | null): Video {
  const waits = video.status === "processing" && !video.playable;
  return waits && before?.playback ? { ...video, playable: true, playback: before.playback } : video;
}

export type Live = {
  video: Video | null;
  /** Why there is none; kept quiet while an older answer is there. */
  problem: unknown;
  reload: () => Promise<Video | null>;
  /** Begin to look again, after it was set in motion. */
  again: () => void;
};

/** One video, until it can't change any more. */
export function useLiveVideo(id: string): Live {
  const known = useRef<Known<Video> | null>(null);
  const failures = useRef(0);
  const looks = useRef(0);
  const [video, setVideo] = useState<Video | null>(null);
  const [problem, setProblem] = useState<unknown>(null);

  const reload = useCallback(async () => {
    known.current = await ask(id, known.current);
    failures.current = 0;
    const { body } = known.current;
    setVideo((before) => stillPlayable(body, before));
    setProblem(null);
    return body;
  }, [id]);

  const again = useAgainAndAgain(async () => {
    try {
      const found = await reload();
      looks.current += 1;
      if (!isMoving(found)) return null;
      return !found.playable && looks.current < SOON_LOOKS ? SOON_MS : MOVING_MS;
    } catch (error) {
      failures.current += 1;
      setProblem(error);
      if (!isGone(error)) return restAfter(failures.current, error);
      setVideo(null);
      return null;
    }
  });
  return { video, problem, reload, again };
}
