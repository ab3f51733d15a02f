/** Every call the site makes to the API. */

import { here } from "./config";
import { ApiError, call } from "./http";
import type { components } from "./schema";

export type Video = components["schemas"]["Video"];
export type VideoList = components["schemas"]["VideoList"];
export type Ticket = components["schemas"]["UploadTicket"];
export type Overview = components["schemas"]["Operations"];
export type Visibility = Video["visibility"];
export type Change = { title?: string; description?: string; visibility?: Visibility };

/** An answer that can be asked for again by its ETag. */
export type Known<T> = { body: T; etag: string | null };

async function reachable(video: Video): Promise<Video> {
  const { playback } = video;
  if (!playback) return video;
  return { ...video, playback: { hls: await here(playback.hls), thumbnail: await here(playback.thumbnail) } };
}

async function reachableList(list: VideoList): Promise<VideoList> {
  return { ...list, items: await Promise.all(list.items.map(reachable)) };
}

const ifNoneMatch = (known: Known<unknown> | null): Record<string, string> =>
  known?.etag ? { "If-None-Match": known.etag } : {};

/** A page of the public videos, newest first. */
export async function publicVideos(cursor: string | null, signal?: AbortSignal): Promise<VideoList> {
  const query = { limit: 24, cursor: cursor ?? undefined };
  return reachableList((await call("get", "/api/videos", { query, signal }))!.body);
}

/** A page of the caller's own videos; what is known already if nothing changed. */
export async function ownVideos(cursor: string | null, known: Known<VideoList> | null, limit = 50): Promise<Known<VideoList>> {
  const query = { limit, cursor: cursor ?? undefined };
  const found = await call("get", "/api/me/videos", { query, headers: ifNoneMatch(known) });
  return found ? { ...found, body: await reachableList(found.body) } : known!;
}

/** One video; what is known already if nothing changed. */
export async function video(id: string, known: Known<Video> | null = null, signal?: AbortSignal): Promise<Known<Video>> {
  const asked = { params: { id }, headers: ifNoneMatch(known), signal };
  const found = await call("get", "/api/videos/{id}", asked);
  return found ? { ...found, body: await reachable(found.body) } : known!;
}

/** Leave to upload one file; `attempt` makes it safe to ask again. */
export async function ticket(file: File, title: string | undefined, attempt: string): Promise<Ticket> {
  const body = { filename: file.name.slice(-255) || undefined, size: file.size, title };
  const given = (await call("post", "/api/uploads", { body, headers: { "Idempotency-Key": attempt } }))!.body;
  return { ...given, url: await here(given.url) };
}

/** Publish an uploaded file. */
export async function publish(id: string, title: string, description: string, visibility: Visibility): Promise<Video> {
  return reachable((await call("post", "/api/videos", { body: { id, title, description, visibility } }))!.body);
}

/** Change what is given; the rest stays. */
export async function change(id: string, body: Change): Promise<Video> {
  return reachable((await call("patch", "/api/videos/{id}", { params: { id }, body }))!.body);
}

/** Delete the video and all that belongs to it. */
export async function remove(id: string): Promise<void> {
  await call("delete", "/api/videos/{id}", { params: { id } });
}

/** Delete all of the caller's videos, newest first. */
export async function removeAll(): Promise<void> {
  let cursor: string | null = null;
  do {
    const page: VideoList = (await ownVideos(cursor, null)).body;
    for (const { id } of page.items) await removeIfThere(id);
    cursor = page.nextCursor;
  } while (cursor);
}

async function removeIfThere(id: string): Promise<void> {
  await remove(id).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  });
}

/** Show the caller's videos under the name that they have at the accounts by now. */
export async function announceName(): Promise<void> {
  await call("post", "/api/me/name");
}

/** Try a failed video again. */
export async function retry(id: string): Promise<Video> {
  return reachable((await call("post", "/api/videos/{id}/retry", { params: { id } }))!.body);
}

/** Where the uploaded file can be fetched for some minutes. */
export async function source(id: string): Promise<string> {
  return here((await call("get", "/api/videos/{id}/source", { params: { id } }))!.body.url);
}

/** How the service is; for operators. */
export async function operations(): Promise<Overview> {
  return (await call("get", "/api/ops"))!.body;
}

/** Let a dead letter be delivered again. */
export async function replayLetter(number: number): Promise<void> {
  await call("post", "/api/ops/dead-letters/{number}/replay", { params: { number: String(number) } });
}

/** Forget a dead letter. */
export async function dropLetter(number: number): Promise<void> {
  await call("delete", "/api/ops/dead-letters/{number}", { params: { number: String(number) } });
}
