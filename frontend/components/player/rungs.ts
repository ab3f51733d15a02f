/** Looks out for the rungs that a stream gets while it is being watched. */

import Hls from "hls.js";
import type HlsVideoElement from "hls-video-element";
import type { RefObject } from "react";

import type { Video } from "@/lib/api";

const LOOK_MS = 2000;
const LAST_S = 1;
// As hls.js does before it takes a larger rung.
const CARRIED_SHARE = 0.7;

/** What a master playlist says of a rung. */
type Rung = { height: number; bps: number };

/**
 * A stream that can be watched at once begins with one rung; a player learns of the others by loading it again.
 *
 * That can be seen, so it is done at once only for a larger picture that the line carries; else when the film stands
 * still anyway.
 */
export class RungWatch {
  private loadedFor = 0;
  private all: Rung[] | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly element: HlsVideoElement,
    private readonly film: RefObject<Video>,
    private readonly loadAgain: () => void,
  ) {}

  /** Looks at this master playlist from now on, and at no other. */
  watch(url: string): void {
    this.end();
    this.all = null;
    if (this.grows() && Hls.isSupported()) this.timer = setInterval(() => void this.look(url), LOOK_MS);
  }

  end(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async look(url: string): Promise<void> {
    const turn = this.timer;
    const there = await this.rungs(url);
    const known = this.element.api?.levels.map((level) => level.height) ?? [];
    if (turn !== this.timer || known.length === 0) return;
    // Some that are named may be none for this browser: to load the stream for those again and again would never end.
    const more = there.length > Math.max(known.length, this.loadedFor);
    if (!more && !this.grows()) this.end();
    if (!more || this.isAtItsEnd() || !(this.standsStill() || this.isLarger(there, known))) return;
    this.loadedFor = there.length;
    this.loadAgain();
  }

  /** Those of a finished film are asked for but once. */
  private async rungs(url: string): Promise<Rung[]> {
    const last = !this.grows();
    const there = this.all ?? (await rungsAt(url));
    if (last && there.length > 0) this.all = there;
    return there;
  }

  private isLarger(there: Rung[], known: number[]): boolean {
    const carried = (this.element.api?.bandwidthEstimate ?? 0) * CARRIED_SHARE;
    return there.some(({ height, bps }) => height > Math.max(...known) && bps <= carried);
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
}

/** The rungs that its master playlist names; none where it can't be had. */
async function rungsAt(url: string): Promise<Rung[]> {
  try {
    const answer = await fetch(url);
    const text = answer.ok ? await answer.text() : "";
    return (text.match(/^#EXT-X-STREAM-INF:.*RESOLUTION=.*/gm) ?? []).map(rung);
  } catch {
    return [];
  }
}

function rung(line: string): Rung {
  const number = (pattern: RegExp) => Number(pattern.exec(line)?.[1]);
  return { height: number(/RESOLUTION=\d+x(\d+)/), bps: number(/[:,]BANDWIDTH=(\d+)/) };
}
