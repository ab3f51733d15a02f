/** Loads a video's stream into the media element and keeps it going. */

import Hls, { type ErrorData } from "hls.js";
import type HlsVideoElement from "hls-video-element";
import { useCallback, useEffect, useRef, useState, type RefObject } from "react";

import type { Video } from "@/lib/api";

const GAVE_UP = "The video can’t be loaded any more. Check your connection and try again.";
const BROKEN = "Your browser can’t play this video.";
const FRESH_TRIES = 5;
const REST_MS = 1500;

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

  useEffect(() => {
    if (!element.current || !address.current) return;
    const one = new Session(element.current, renew, setProblem);
    session.current = one;
    one.load(address.current, 0, autoPlay);
    return () => one.end();
  }, [element, stream, autoPlay, address, renew]);

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

/** One stream in one element. */
class Session {
  private tries = 0;
  private ended = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly element: HlsVideoElement,
    private readonly renew: RefObject<Renew>,
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
    this.element.removeAttribute("src");
    this.load(video?.playback?.hls ?? url, currentTime, !paused);
  }
}
