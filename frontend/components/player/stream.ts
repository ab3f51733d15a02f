/** Loads a video's stream into the media element and keeps it going. */

import Hls, { type ErrorData } from "hls.js";
import type HlsVideoElement from "hls-video-element";
import { useCallback, useEffect, useRef, useState, type RefObject } from "react";

import type { Video } from "@/lib/api";

const GAVE_UP = "The video can’t be loaded any more. Check your connection and try again.";
const BROKEN = "Your browser can’t play this video.";
const FRESH_TRIES = 5;
const REST_MS = 1500;
const LOOK_FOR_RUNGS_MS = 2000;

const CONFIG = {
  // A stream that still grows is no live stream: it begins at its beginning and its length is known.
  startPosition: 0,
  liveDurationInfinity: false,
  capLevelToPlayerSize: true,
  maxBufferLength: 30,
  backBufferLength: 60,
  startLevel: -1,
};

type Renew = (() => Promise<Video | null>) | undefined;

/** What went wrong for good, and how to try again. */
export function useStream(element: RefObject<HlsVideoElement | null>, video: Video, autoPlay: boolean, onRenew: Renew) {
  const [problem, setProblem] = useState<string | null>(null);
  const renew = useLatest(onRenew);
  const address = useLatest(video.playback?.hls ?? null);
  // Addresses of private media change by the hour; only another attempt is another stream.
  const stream = `${video.id}/${streamOf(video.playback?.hls)}`;
  const session = useRef<Session | null>(null);
  const grows = useLatest(video.status !== "done");

  useEffect(() => {
    if (!element.current || !address.current) return;
    const one = new Session(element.current, renew, grows, setProblem);
    session.current = one;
    one.load(address.current, 0, autoPlay);
    return () => one.end();
  }, [element, stream, autoPlay, address, renew, grows]);

  const retry = useCallback(() => session.current?.restart(address.current), [address]);
  return { problem, retry };
}

function streamOf(url: string | undefined): string {
  return url?.replace(/.*\/(\d+)\/[^/]*$/, "$1") ?? "";
}

function useLatest<T>(value: T): RefObject<T> {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}

/** How many rungs its master playlist names; none where it can't be had. */
async function rungsAt(url: string): Promise<number> {
  try {
    const answer = await fetch(url);
    return answer.ok ? (await answer.text()).split("#EXT-X-STREAM-INF").length - 1 : 0;
  } catch {
    return 0;
  }
}

/** One stream in one element. */
class Session {
  private tries = 0;
  private ended = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private looking: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly element: HlsVideoElement,
    private readonly renew: RefObject<Renew>,
    private readonly grows: RefObject<boolean>,
    private readonly tell: (problem: string | null) => void,
  ) {
    element.addEventListener("playing", this.isWell);
    element.addEventListener("error", this.onNativeError);
  }

  load(url: string, from: number, play: boolean): void {
    this.tell(null);
    this.element.config = { ...CONFIG, startPosition: from };
    this.element.src = url;
    // What is played before the media has come would be stopped again by its coming.
    this.element.addEventListener("loadedmetadata", () => this.begin(from, play), { once: true });
    // The element makes its hls.js a moment after the address is set, and none where the browser plays HLS itself.
    this.timer = setTimeout(() => this.element.api?.on(Hls.Events.ERROR, (_, error) => this.onError(error)));
    clearInterval(this.looking);
    if (this.grows.current && Hls.isSupported()) {
      this.looking = setInterval(() => void this.lookForRungs(url), LOOK_FOR_RUNGS_MS);
    }
  }

  /** A stream that can be watched at once begins with one small rung; a player learns of the others by loading it again. */
  private async lookForRungs(url: string): Promise<void> {
    const known = this.element.api?.levels.length ?? 0;
    const there = await rungsAt(url);
    if (this.ended || known === 0) return;
    if (!this.grows.current) clearInterval(this.looking);
    if (there > known) this.reload(url, this.element.currentTime, !this.element.paused);
  }

  private begin(from: number, play: boolean): void {
    if (!Hls.isSupported() && from > 0) this.element.currentTime = from;
    if (play) void this.play();
  }

  /** With sound; without it where the browser wants a click first; not at all where it wants one even then. */
  private async play(): Promise<void> {
    try {
      await this.element.play();
    } catch {
      this.element.muted = true;
      await this.element.play()?.catch(() => (this.element.muted = false));
    }
  }

  restart(url: string | null): void {
    this.tries = 0;
    if (url) void this.again(url);
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
    clearInterval(this.looking);
    this.element.removeEventListener("playing", this.isWell);
    this.element.removeEventListener("error", this.onNativeError);
    this.element.removeAttribute("src");
  }

  private readonly isWell = () => {
    this.tries = 0;
  };

  private readonly onNativeError = () => {
    if (!Hls.isSupported()) void this.again(this.element.src);
  };

  private onError(error: ErrorData): void {
    if (!error.fatal || this.ended) return;
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR && this.tries++ < 2) {
      this.element.api?.recoverMediaError();
    } else {
      void this.again(this.element.src, error.type === Hls.ErrorTypes.MEDIA_ERROR ? BROKEN : GAVE_UP);
    }
  }

  /** From where it stopped, with a fresh address if there is one; a few times, then it says so. */
  private async again(url: string, words = GAVE_UP): Promise<void> {
    const { currentTime, paused } = this.element;
    if (++this.tries > FRESH_TRIES) return this.tell(words);
    await new Promise((done) => (this.timer = setTimeout(done, REST_MS * (this.tries - 1))));
    const video = await this.renew.current?.().catch(() => null);
    if (this.ended) return;
    this.reload(video?.playback?.hls ?? url, currentTime, !paused);
  }

  private reload(url: string, from: number, play: boolean): void {
    // An address that stays the same would be no news to the element.
    this.element.removeAttribute("src");
    this.load(url, from, play);
  }
}
