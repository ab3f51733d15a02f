/** The quality that the viewer chose in the menu. */

import Hls from "hls.js";
import type HlsVideoElement from "hls-video-element";

/** What the menu shows; -1 is for the player's own choice. */
type Renditions = EventTarget & { selectedIndex: number };

export class Quality {
  private readonly renditions: Renditions;

  constructor(private readonly element: HlsVideoElement) {
    this.renditions = (element as unknown as { videoRenditions: Renditions }).videoRenditions;
    this.renditions.addEventListener("change", this.onChange);
  }

  end(): void {
    this.renditions.removeEventListener("change", this.onChange);
  }

  /** Once the element has made this hls.js and listens to it. */
  attend(api: Hls): void {
    api.on(Hls.Events.LEVEL_SWITCHED, () => this.onSwitched(api));
  }

  /** The height that the viewer wants, null where they leave it to the player. */
  chosen(): number | null {
    return this.element.api?.levels[this.renditions.selectedIndex]?.height ?? null;
  }

  choose(height: number): void {
    const index = this.element.api?.levels.findIndex((level) => level.height === height) ?? -1;
    if (index >= 0) this.renditions.selectedIndex = index;
  }

  /** Where the next segment is in the chosen quality anyway, the element forgets to tell hls.js of the choice. */
  private readonly onChange = () => {
    const { api } = this.element;
    const { selectedIndex } = this.renditions;
    if (api && api.levels.length > 0 && api.manualLevel !== selectedIndex) api.loadLevel = selectedIndex;
  };

  /** The element takes the next step down after a segment that failed for a choice; it is hls.js's, and may end. */
  private onSwitched(api: Hls): void {
    if (!api.autoLevelEnabled || this.renditions.selectedIndex < 0) return;
    this.renditions.selectedIndex = -1;
    // Nothing has changed then; to the element it would, and it would throw away what is loaded.
    this.renditions.addEventListener("change", (event) => event.stopImmediatePropagation(), { capture: true, once: true });
  }
}
