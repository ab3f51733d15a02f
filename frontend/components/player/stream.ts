/** Loads a video's stream into the media element and keeps it going. */

import type HlsVideoElement from "hls-video-element";
import { useCallback, useLayoutEffect, useRef, useState, type RefObject } from "react";

import type { Video } from "@/lib/api";

import { Session, type Place, type Renew } from "./session";

/** Where each film was left: another attempt to encode it is another stream, but the same film. */
const left = new Map<string, Place>();

type Screen = { element: RefObject<HlsVideoElement | null>; still: RefObject<HTMLCanvasElement | null> };

/** What went wrong for good, and how to try again. */
export function useStream({ element, still }: Screen, video: Video, autoPlay: boolean, onRenew: Renew) {
  const [problem, setProblem] = useState<string | null>(null);
  const renew = useLatest(onRenew);
  const address = useLatest(video.playback?.hls ?? null);
  // Addresses of private media change by the hour; only another attempt is another stream.
  const { id } = video;
  const stream = streamOf(video.playback?.hls);
  const session = useRef<Session | null>(null);
  const film = useLatest(video);

  // Before the element leaves the page, which pauses it.
  useLayoutEffect(() => {
    if (!element.current || !still.current || !address.current) return;
    const one = new Session(element.current, still.current, renew, film, setProblem);
    session.current = one;
    one.load(address.current, left.get(id) ?? { at: 0, play: autoPlay, rate: 1, height: null, bps: null });
    return () => {
      const place = one.end();
      if (place) left.set(id, place);
      else left.delete(id);
    };
  }, [element, still, id, stream, autoPlay, address, renew, film]);

  const retry = useCallback(() => session.current?.restart(address.current), [address]);
  return { problem, retry };
}

function streamOf(url: string | undefined): string {
  return url?.replace(/.*\/(\d+)\/[^/]*$/, "$1") ?? "";
}

function useLatest<T>(value: T): RefObject<T> {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}
