/** The life of one chosen file on the upload page. */

import { publish, remove, ticket as askTicket, type Ticket } from "@/lib/api";
import { sentence } from "@/lib/errors";
import { titleOf } from "@/lib/film";
import { ApiError } from "@/lib/http";
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

/** Carries one upload through; what it learns goes to `tell`. Keeps its ticket, so that another run goes on with it. */
export class Carrier {
  private ticket: Ticket | null = null;
  private arrived = false;
  private perhapsThere = false;
  private published = false;
  private abort = new AbortController();

  constructor(
    private readonly file: File,
    private readonly details: () => Details,
    private readonly tell: (news: Partial<Upload>) => void,
  ) {}

  async run(): Promise<void> {
    this.abort = new AbortController();
    this.tell({ phase: "sending", problem: null, signedOut: false, sent: null });
    try {
      if (!this.arrived) await this.bring();
      this.tell({ phase: "publishing" });
      const details = { ...this.details(), title: this.title() };
      await publish(this.ticket!.id, details.title, details.description, details.visibility);
      this.published = true;
      this.tell({ phase: "published", videoId: this.ticket!.id, details });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
      const signedOut = error instanceof ApiError && error.status === 401;
      const words = signedOut ? "Your session has ended. Sign in again, then go on." : sentence(error);
      this.tell({ phase: "broken", problem: words, signedOut, ...(this.ticket ? {} : { early: false }) });
    }
  }

  /** Delete whatever is there of it: its owner asked for that. */
  async cancel(): Promise<void> {
    if (this.published) return;
    this.abort.abort();
    if (this.ticket) await remove(this.ticket.id).catch(() => undefined);
  }

  /** Stop sending, and leave nothing half-done behind. What has arrived, or may have, stays. */
  async leave(): Promise<void> {
    this.abort.abort();
    if (!this.arrived && !this.perhapsThere) await this.cancel();
  }

  private async bring(): Promise<void> {
    if (!this.ticket || Date.parse(this.ticket.expiresAt) < Date.now() + TICKET_MARGIN_MS) await this.askForTicket();
    try {
      await send(this.ticket!, this.file, (sent) => this.sending(sent), this.abort.signal);
    } catch (error) {
      if (!(error instanceof NotSent)) throw error;
      this.perhapsThere ||= error.unsure;
      if (!error.alreadyThere) throw error;
    }
    this.arrived = true;
    this.tell({ arrived: true });
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
