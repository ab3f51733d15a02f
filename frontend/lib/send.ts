/** Sending a file with a presigned form, with its progress. */

import type { Ticket } from "./api";
import { mayPass } from "./errors";

export type Sent = { bytes: number; total: number; perSecond: number | null };

/** The storage did not take the file; status 0 where it never answered. */
export class NotSent extends Error {
  constructor(
    words: string,
    readonly status: number,
  ) {
    super(words);
    this.name = "NotSent";
  }

  /** A form works once: the file came through before, only the answer got lost. */
  get alreadyThere(): boolean {
    return this.status === 412;
  }

  /** Nobody heard from the storage itself: the file may be there all the same. */
  get unsure(): boolean {
    return mayPass(this.status);
  }
}

const SMOOTH = 0.7;

/** Posts the file; resolves once the storage has all of it. */
export function send(ticket: Ticket, file: File, onProgress: (sent: Sent) => void, signal: AbortSignal): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
  // The storage reads no field that comes after the file.
  form.append("file", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const speed = speedometer();
    request.open("POST", ticket.url);
    request.upload.onprogress = (event) => {
      const total = file.size;
      const sent = Math.min(total, Math.max(0, event.loaded - (event.total - total)));
      onProgress({ bytes: sent, total, perSecond: speed(sent) });
    };
    request.onload = () => (request.status < 300 ? resolve() : reject(refused(request)));
    request.onerror = () => reject(new NotSent("The connection broke.", 0));
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

/** Bytes a second, smoothed, from the bytes sent so far. */
function speedometer(): (sent: number) => number | null {
  let last = { at: performance.now(), sent: 0 };
  let speed: number | null = null;
  return (sent) => {
    const now = performance.now();
    if (now - last.at >= 250) {
      const current = ((sent - last.sent) * 1000) / (now - last.at);
      speed = speed === null ? current : SMOOTH * speed + (1 - SMOOTH) * current;
      last = { at: now, sent };
    }
    return speed;
  };
}

function refused(request: XMLHttpRequest): NotSent {
  const said = new DOMParser().parseFromString(request.responseText, "text/xml").querySelector("Message")?.textContent;
  const words = mayPass(request.status) ? "The storage can’t take the file right now." : `The storage refused the file. ${said ?? ""}`;
  return new NotSent(words.trim(), request.status);
}
