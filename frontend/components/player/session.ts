/** One stream in one element, from its loading to its end. */

import Hls, { type ErrorData, type LoadPolicy, type RetryConfig } from "hls.js";
import type HlsVideoElement from "hls-video-element";
import type { RefObject } from "react";

import type { Video } from "@/lib/api";
import { mayPass } from "@/lib/errors";

import { Quality } from "./quality";
import { RungWatch } from "./rungs";
import { Still } from "./still";

const GAVE_UP = "The video can’t be loaded any more. Check your connection and try again.";
const BROKEN = "Your browser can’t play this video.";
const FRESH_TRIES = 5;
const REST_MS = 1500;
const QUIET_REST_MS = 10_000;
// With less than this left to be played, nobody waits any longer for who doesn't answer.
const SPARE_S = 6;
const ASK_AGAIN_MS = 2000;
// After these there is something to see.
const WELL = ["loadeddata", "playing"];

const CONFIG = {
  // A stream that still grows is no live stream: it begins at its beginning and its length is known.
  startPosition: 0,
  liveDurationInfinity: false,
  capLevelToPlayerSize: true,
  maxBufferLength: 30,
  backBufferLength: 60,
  startLevel: -1,
};

export type Renew = (() => Promise<Video | null>) | undefined;

/**
 * Where somebody is in a film, and how they watch it: at what speed, in which quality if they chose one, and over a
 * line that carries how many bits in a second, as far as is known.
 */
export type Place = { at: number; play: boolean; rate: number; height: number | null; bps: number | null };

/** What hls.js need not find out again by beginning with the smallest rung. */
function known(bps: number | null): object {
  return bps ? { abrEwmaDefaultEstimate: bps, testBandwidth: false } : {};
}

function retried({ default: usual }: LoadPolicy, shouldRetry: RetryConfig["shouldRetry"]): LoadPolicy {
  const errorRetry = usual.errorRetry && { ...usual.errorRetry, maxRetryDelayMs: ASK_AGAIN_MS, shouldRetry };
  return { default: { ...usual, errorRetry } };
}

export class Session {
  private tries = 0;
  private turn = 0;
  private ended = false;
  private begun = false;
  private place: Place | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wake: () => void = () => undefined;
  private readonly still: Still;
  private readonly quality: Quality;
  private readonly rungs: RungWatch;

  constructor(
    private readonly element: HlsVideoElement,
    canvas: HTMLCanvasElement,
    private readonly renew: RefObject<Renew>,
    film: RefObject<Video>,
    private readonly tell: (problem: string | null) => void,
  ) {
    this.still = new Still(element, canvas);
    this.quality = new Quality(element);
    this.rungs = new RungWatch(element, film, () => this.reload(element.src, this.here()));
    for (const sign of WELL) element.addEventListener(sign, this.isWell);
    element.addEventListener("error", this.onNativeError);
    window.addEventListener("online", this.onOnline);
    tell(null);
  }

  load(url: string, place: Place): void {
    this.place = place;
    this.begun = false;
    this.element.config = { ...CONFIG, ...this.patience(), startPosition: place.at, ...known(place.bps) };
    this.element.src = url;
    // What is played before the media has come would be stopped again by its coming.
    this.element.addEventListener("loadedmetadata", () => this.begin(place), { once: true });
    // The element makes its hls.js a moment after the address is set, and none where the browser plays HLS itself.
    this.timer = setTimeout(() => this.attend());
    this.rungs.watch(url);
  }

  /** A new start would throw away what has come; it may last until a server is back that is away for a moment. */
  private patience(): object {
    const shouldRetry: RetryConfig["shouldRetry"] = (_config, _count, _late, answer, usual) =>
      usual || (mayPass(answer?.code ?? NaN) && this.left() > SPARE_S);
    const { fragLoadPolicy, playlistLoadPolicy } = Hls.DefaultConfig;
    return {
      fragLoadPolicy: retried(fragLoadPolicy, shouldRetry),
      playlistLoadPolicy: retried(playlistLoadPolicy, shouldRetry),
    };
  }

  /** How many seconds can be played without anything more. */
  private left(): number {
    const { buffered, currentTime } = this.element;
    for (let at = 0; at < buffered.length; at++) {
      if (buffered.start(at) <= currentTime && currentTime < buffered.end(at)) return buffered.end(at) - currentTime;
    }
    return 0;
  }

  private attend(): void {
    const { api } = this.element;
    if (!api) return;
    this.quality.attend(api);
    api.on(Hls.Events.ERROR, (_, error) => this.onError(error));
    // Who comes to the end of what is there by now waits for more; in a live stream they would be led back a bit.
    Object.defineProperty(api, "liveSyncPosition", { value: null });
  }

  private begin(place: Place): void {
    if (place !== this.place) return;
    this.begun = true;
    this.still.waits(false);
    if (!Hls.isSupported() && place.at > 0) this.element.currentTime = place.at;
    this.element.playbackRate = place.rate;
    if (place.height) this.quality.choose(place.height);
    if (place.play) void this.play();
  }

  private here(): Place {
    if (!this.begun && this.place) return this.place;
    const { currentTime, paused, playbackRate, api } = this.element;
    const height = this.quality.chosen();
    return { at: currentTime, play: !paused, rate: playbackRate, height, bps: api?.bandwidthEstimate || null };
  }

  /** With sound; without it where the browser wants a click first; not at all where it wants one even then. */
  private async play(): Promise<void> {
    if (await this.isLetPlay()) return;
    this.element.muted = true;
    if (!(await this.isLetPlay())) this.element.muted = false;
  }

  /** Plays it, unless the browser wants a click first. That it is paused before it plays is no such refusal. */
  private async isLetPlay(): Promise<boolean> {
    try {
      await this.element.play();
      return true;
    } catch (error) {
      return !(error instanceof DOMException && error.name === "NotAllowedError");
    }
  }

  restart(url: string | null): void {
    this.tries = 0;
    this.tell(null);
    if (url) void this.again(url);
  }

  /** Where the viewer is; null at the film's end. */
  end(): Place | null {
    const place = this.element.ended ? null : this.here();
    this.ended = true;
    clearTimeout(this.timer);
    this.rungs.end();
    for (const sign of WELL) this.element.removeEventListener(sign, this.isWell);
    this.element.removeEventListener("error", this.onNativeError);
    window.removeEventListener("online", this.onOnline);
    this.quality.end();
    this.still.end();
    this.still.show();
    this.element.removeAttribute("src");
    return place;
  }

  private readonly isWell = (event: Event) => {
    if (this.tries > FRESH_TRIES) this.tell(null);
    if (event.type === "playing") this.tries = 0;
  };

  private readonly onOnline = () => this.wake();

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

  /** From where it stopped, with a fresh address if there is one; after a few times it says so, and goes on trying. */
  private async again(url: string, words = GAVE_UP): Promise<void> {
    const place = this.here();
    const turn = ++this.turn;
    const givenUp = ++this.tries > FRESH_TRIES;
    if (givenUp) this.tell(words);
    if (givenUp && words === BROKEN) return;
    await this.rest(givenUp ? QUIET_REST_MS : REST_MS * (this.tries - 1));
    const video = await this.renew.current?.().catch(() => null);
    if (this.ended || turn !== this.turn) return;
    this.reload(video?.playback?.hls ?? url, place);
  }

  /** For so long, or until the browser is online again. */
  private rest(ms: number): Promise<void> {
    clearTimeout(this.timer);
    return new Promise((done) => {
      this.wake = done;
      this.timer = setTimeout(done, ms);
    });
  }

  private reload(url: string, place: Place): void {
    this.still.show();
    this.still.waits(place.play);
    // An address that stays the same would be no news to the element.
    this.element.removeAttribute("src");
    this.load(url, place);
  }
}
