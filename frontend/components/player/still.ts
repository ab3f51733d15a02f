/** The last picture of a stream, which stays until another has one to show. */

import type HlsVideoElement from "hls-video-element";

// After these, a film that is paused shows its picture.
const STANDS_STILL = ["loadeddata", "seeked"];

export class Still {
  constructor(
    private readonly element: HlsVideoElement,
    private readonly canvas: HTMLCanvasElement,
  ) {
    element.addEventListener("playing", this.onPlaying);
    for (const shown of STANDS_STILL) element.addEventListener(shown, this.onPicture);
  }

  /** What the element shows now; what was shown before where it shows nothing. */
  show(): void {
    const shown = this.element.nativeEl as HTMLVideoElement | null;
    if (!shown?.videoWidth || shown.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    this.canvas.width = shown.videoWidth;
    this.canvas.height = shown.videoHeight;
    this.canvas.getContext("2d")?.drawImage(shown, 0, 0);
    this.canvas.hidden = false;
  }

  /** Whether the film goes on by itself as soon as it can: it must not look paused until then. */
  waits(plays: boolean): void {
    this.canvas.toggleAttribute("data-plays", plays);
  }

  /** The picture stays; what comes next will hide it. */
  end(): void {
    this.element.removeEventListener("playing", this.onPlaying);
    for (const shown of STANDS_STILL) this.element.removeEventListener(shown, this.onPicture);
  }

  private readonly onPlaying = () => {
    this.canvas.hidden = true;
  };

  private readonly onPicture = () => {
    if (this.element.paused && !this.element.seeking) this.canvas.hidden = true;
  };
}
