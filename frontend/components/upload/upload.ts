/** The life of one chosen file on the upload page. */

import { publish, remove, ticket as askTicket, type Ticket, type Video } from "@/lib/api";
import { mayPass, sentence, Unreachable } from "@/lib/errors";
import { titleOf } from "@/lib/film";
import { ApiError } from "@/lib/http";
import { isGone, restAfter } from "@/lib/live";
import { NotSent, send, type Sent } from "@/lib/send";

import type { Fields } from "../VideoFields";

export type Details = Fields;

export type Phase = "chosen" | "refused" | "waiting" | "sending" | "publishing" | "broken" | "published";

export type Upload = {
  key: string;
  file: File;
  details: Details;
  phase: Phase;
  sent: Sent | null;
  problem: string | null;
  /** Whether somebody must sign in before it can go on. */
  signedOut: boolean;
  videoId: string | null;
  /** Whether it becomes public by itself as soon as the file is there. */
  early: boolean;
  /** Whether the storage has said that it has the whole file. */
  arrived: boolean;
};

const TICKET_MARGIN_MS = 60_000;
// So often it goes on by itself; the first time after four seconds.
const TRIES = 5;
const FIRST_REST = 2;
const LONGEST_REST_S = 60;

function isPassing(error: unknown): boolean {
  if (error instanceof ApiError) return mayPass(error.status) && error.retryAfterS <= LONGEST_REST_S;
  return error instanceof Unreachable || (error instanceof NotSent && error.unsure);
}

/** Carries one upload through; what it learns goes to `tell`. Keeps its ticket, so that another run goes on with it. */
export class Carrier {
  private ticket: Ticket | null = null;
  private arrived = false;
  private perhapsThere = false;
  private published = false;
  private abort = new AbortController();
  private breaks = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly file: File,
    private readonly details: () => Details,
    private readonly tell: (news: Partial<Upload>) => void,
  ) {}

  async run(): Promise<void> {
    clearTimeout(this.timer);
    this.abort = new AbortController();
    this.tell({ phase: "sending", problem: null, signedOut: false, sent: null });
    try {
      if (!this.arrived) await this.bring();
      this.tell({ phase: "publishing" });
      const video = await this.publish();
      this.published = true;
      // What its owner decided elsewhere meanwhile stays.
      const details = { title: video.title, description: video.description, visibility: video.visibility };
      this.tell({ phase: "published", videoId: video.id, details });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
      const signedOut = error instanceof ApiError && error.status === 401;
      const words = signedOut ? "Your session has ended. Sign in again, then go on." : sentence(error);
      const more = this.goesOn(error) ? " It goes on by itself in a moment." : "";
      this.tell({ phase: "broken", problem: words + more, signedOut, ...(this.ticket ? {} : { early: false }) });
    }
  }

  private goesOn(error: unknown): boolean {
    if (!isPassing(error) || this.breaks >= TRIES) return false;
    const goOn = () => this.tell({ phase: "waiting", problem: null });
    this.timer = setTimeout(goOn, restAfter(FIRST_REST + this.breaks++, error));
    return true;
  }

  /** Delete whatever is there of it: its owner asked for that. What hinders it now may not later: it is tried again. */
  async cancel(failures = 1): Promise<void> {
    if (this.published) return;
    this.stop();
    if (!this.ticket) return;
    await remove(this.ticket.id).catch((error: unknown) => {
      if (!isGone(error)) this.timer = setTimeout(() => void this.cancel(failures + 1), restAfter(failures, error));
    });
  }

  /** Stop sending, and leave nothing half-done behind. What has arrived, or may have, stays. */
  async leave(): Promise<void> {
    this.stop();
    if (!this.arrived && !this.perhapsThere) await this.cancel();
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.abort.abort();
  }

  private async bring(): Promise<void> {
    const over = this.ticket && Date.parse(this.ticket.expiresAt) < Date.now() + TICKET_MARGIN_MS;
    if (!(over && this.perhapsThere && (await this.isThere()))) {
      if (over || !this.ticket) await this.askForTicket();
      await this.post();
    }
    this.arrived = true;
    this.breaks = 0;
    this.tell({ arrived: true });
  }

  private async post(): Promise<void> {
    try {
      await send(this.ticket!, this.file, (sent) => this.sending(sent), this.abort.signal);
    } catch (error) {
      if (!(error instanceof NotSent)) throw error;
      this.perhapsThere ||= error.unsure;
      if (!error.alreadyThere) throw error;
    }
  }

  /** Whether it came through, though nobody heard so: then another ticket would make a second video of it. */
  private async isThere(): Promise<boolean> {
    try {
      await this.publish();
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }

  private publish(): Promise<Video> {
    const { description, visibility } = this.details();
    return publish(this.ticket!.id, this.title(), description, visibility);
  }

  private sending(sent: Sent): void {
    this.perhapsThere ||= sent.bytes >= sent.total;
    this.tell({ sent });
  }

  /** Nobody is stopped for a title that was emptied while the file was on its way. */
  private title(): string {
    return this.details().title.trim() || titleOf(this.file);
  }

  private async askForTicket(): Promise<void> {
    // A ticket with a title publishes by itself, as public, even if this tab is closed on the way.
    const early = this.details().visibility === "public";
    this.tell({ early });
    this.perhapsThere = false;
    this.ticket = await askTicket(this.file, early ? this.title() : undefined, `${Date.now()}-${Math.random().toString(36).slice(2)}`);
    if (this.abort.signal.aborted) {
      await this.cancel();
      throw new DOMException("cancelled", "AbortError");
    }
    this.tell({ videoId: this.ticket.id });
  }
}
