/** Loads a video's stream into the media element and keeps it going. */

import Hls, { type ErrorData } from "hls.js";
import type HlsVideoElement from "hls-video-element";
import { useCallback, useLayoutEffect, useRef, useState, type RefObject } from "react";

import type { Video } from "@/lib/api";

const GAVE_UP = "The video can’t be loaded any more. Check your connection and try again.";
const BROKEN = "Your browser can’t play this video.";
const FRESH_TRIES = 5;
const REST_MS = 1500;
const LOOK_FOR_RUNGS_MS = 2000;
const LAST_S = 1;
// After these, a film that is paused shows its picture.
const STANDS_STILL = ["loadeddata", "seeked"];

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

/** Where somebody is in a film, and how they watch it: at what speed, and in which quality if they chose one. */
type Place = { at: number; play: boolean; rate: number; height: number | null };

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
    one.load(address.current, left.get(id) ?? { at: 0, play: autoPlay, rate: 1, height: null });
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

/** The heights of the rungs that its master playlist names; none where it can't be had. */
async function rungsAt(url: string): Promise<number[]> {
  try {
    const answer = await fetch(url);
    const text = answer.ok ? await answer.text() : "";
    return [...text.matchAll(/^#EXT-X-STREAM-INF:.*RESOLUTION=\d+x(\d+)/gm)].map((found) => Number(found[1]));
  } catch {
    return [];
  }
}

/** One stream in one element. */
class Session {
  private tries = 0;
  private ended = false;
  private begun = false;
  private loadedFor = 0;
  private place: Place | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private looking: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly element: HlsVideoElement,
    private readonly still: HTMLCanvasElement,
    private readonly renew: RefObject<Renew>,
    private readonly film: RefObject<Video>,
    private readonly tell: (problem: string | null) => void,
  ) {
    element.addEventListener("playing", this.isWell);
    element.addEventListener("error", this.onNativeError);
    for (const shown of STANDS_STILL) element.addEventListener(shown, this.onPicture);
  }

  load(url: string, place: Place): void {
    this.tell(null);
    this.place = place;
    this.begun = false;
    this.element.config = { ...CONFIG, startPosition: place.at };
    this.element.src = url;
    // What is played before the media has come would be stopped again by its coming.
    this.element.addEventListener("loadedmetadata", () => this.begin(place), { once: true });
    // The element makes its hls.js a moment after the address is set, and none where the browser plays HLS itself.
    this.timer = setTimeout(() => this.attend());
    clearInterval(this.looking);
    if (this.grows() && Hls.isSupported()) {
      this.looking = setInterval(() => void this.lookForRungs(url), LOOK_FOR_RUNGS_MS);
    }
  }

  private attend(): void {
    const { api } = this.element;
    if (!api) return;
    api.on(Hls.Events.ERROR, (_, error) => this.onError(error));
    // Who comes to the end of what is there by now waits for more; in a live stream they would be led back a bit.
    Object.defineProperty(api, "liveSyncPosition", { value: null });
  }

  /**
   * A stream that can be watched at once begins with one rung; a player learns of the others by loading it again.
   *
   * That can be seen, so it is done at once for a larger picture only; else when the film stands still anyway.
   */
  private async lookForRungs(url: string): Promise<void> {
    const known = this.element.api?.levels.map((level) => level.height) ?? [];
    const there = await rungsAt(url);
    if (this.ended || known.length === 0) return;
    // Some that are named may be none for this browser: to load the stream for those again and again would never end.
    const more = there.length > Math.max(known.length, this.loadedFor);
    if (!more && !this.grows()) clearInterval(this.looking);
    if (!more || this.isAtItsEnd() || !(Math.max(...there) > Math.max(...known) || this.standsStill())) return;
    this.loadedFor = there.length;
    this.reload(url, this.here());
  }

  private grows(): boolean {
    return this.film.current.status !== "done";
  }

  private standsStill(): boolean {
    return this.element.paused || this.element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  /** There, loading it again would gain nothing, and not every browser finds the last of it by itself. */
  private isAtItsEnd(): boolean {
    return this.element.currentTime > (this.film.current.duration ?? Infinity) - LAST_S;
  }

  private begin(place: Place): void {
    if (place !== this.place) return;
    this.begun = true;
    if (!Hls.isSupported() && place.at > 0) this.element.currentTime = place.at;
    this.element.playbackRate = place.rate;
    const chosen = this.element.api?.levels.findIndex((level) => level.height === place.height) ?? -1;
    if (chosen >= 0) this.renditions.selectedIndex = chosen;
    if (place.play) void this.play();
  }

  /** What the quality menu shows; -1 is for the player's own choice. */
  private get renditions(): { selectedIndex: number } {
    return (this.element as unknown as { videoRenditions: { selectedIndex: number } }).videoRenditions;
  }

  private here(): Place {
    if (!this.begun && this.place) return this.place;
    const { currentTime, paused, playbackRate, api } = this.element;
    const height = api?.levels[this.renditions.selectedIndex]?.height ?? null;
    return { at: currentTime, play: !paused, rate: playbackRate, height };
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

  /** Where the viewer is; null at the film's end. */
  end(): Place | null {
    const place = this.element.ended ? null : this.here();
    this.ended = true;
    clearTimeout(this.timer);
    clearInterval(this.looking);
    this.element.removeEventListener("playing", this.isWell);
    this.element.removeEventListener("error", this.onNativeError);
    for (const shown of STANDS_STILL) this.element.removeEventListener(shown, this.onPicture);
    this.hold();
    this.element.removeAttribute("src");
    return place;
  }

  /** The last picture stays until another stream has one to show. */
  private hold(): void {
    const shown = this.element.nativeEl as HTMLVideoElement | null;
    if (!shown?.videoWidth || shown.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    this.still.width = shown.videoWidth;
    this.still.height = shown.videoHeight;
    this.still.getContext("2d")?.drawImage(shown, 0, 0);
    this.still.hidden = false;
  }

  private readonly isWell = () => {
    this.tries = 0;
    this.still.hidden = true;
  };

  private readonly onPicture = () => {
    if (this.element.paused && !this.element.seeking) this.still.hidden = true;
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
    const place = this.here();
    if (++this.tries > FRESH_TRIES) return this.tell(words);
    await new Promise((done) => (this.timer = setTimeout(done, REST_MS * (this.tries - 1))));
    const video = await this.renew.current?.().catch(() => null);
    if (this.ended) return;
    this.reload(video?.playback?.hls ?? url, place);
  }

  private reload(url: string, place: Place): void {
    this.hold();
    // An address that stays the same would be no news to the element.
    this.element.removeAttribute("src");
    this.load(url, place);
  }
}
