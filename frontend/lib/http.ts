/** Calls to the API, typed by its own description: a path, body or answer that it doesn't know is a compile error. */

import { Unreachable } from "./errors";
import type { paths } from "./schema";
import { accessToken, endSession, sessionChanged } from "./session";

type Method = "get" | "post" | "patch" | "delete";
type Operation<P extends keyof paths, M extends Method> = paths[P][M];
type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : undefined;
type Answer<O> = O extends { responses: infer R }
  ? { [Code in keyof R]: Code extends 200 | 201 | 202 | 204 ? Json<R[Code]> : never }[keyof R]
  : never;
type Body<O> = O extends { requestBody?: { content: { "application/json": infer Given } } } ? Given : undefined;

export type Call<O> = {
  params?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  body?: Body<O>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};

/** What the API refused, in its own words; `code` is stable, and 0 seconds are none that it told. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly retryAfterS = 0,
  ) {
    super(detail);
    this.name = "ApiError";
  }
}

/** The answer to one call; null where it is still what `ifNoneMatch` names. */
export async function call<P extends keyof paths, M extends Method>(
  method: M,
  path: P,
  given: Call<Operation<P, M>> = {},
): Promise<{ body: Answer<Operation<P, M>>; etag: string | null } | null> {
  const response = await send(method, address(path, given), given);
  if (response.status === 304) return null;
  if (!response.ok) throw await refusal(response);
  const text = await response.text();
  const body = text ? JSON.parse(text) : undefined;
  return { body: body as Answer<Operation<P, M>>, etag: response.headers.get("ETag") };
}

/**
 * Sends it as the signed-in user. Where the session is no longer accepted, or can't be renewed now, what anybody may
 * read is still read.
 */
async function send(method: Method, url: string, given: Call<unknown>): Promise<Response> {
  const token = await accessToken().catch(() => undefined);
  if (token === undefined) return sendUnrenewed(method, url, given);
  const response = await sendAs(token, method, url, given);
  if (response.status !== 401) return response;
  if (token) return sendRenewed(method, url, given);
  sessionChanged();
  return response;
}

/** What a token is refused for another may be accepted for: the clock of this device may be slow. */
async function sendRenewed(method: Method, url: string, given: Call<unknown>): Promise<Response> {
  const token = await accessToken({ renew: true }).catch(() => undefined);
  if (token === undefined) return sendUnrenewed(method, url, given);
  const response = await sendAs(token, method, url, given);
  if (response.status !== 401 || !token) return response;
  await endSession();
  return method === "get" ? sendAs(null, method, url, given) : response;
}

/** A refusal says nothing about what the user may: nobody could tell who it is. */
async function sendUnrenewed(method: Method, url: string, given: Call<unknown>): Promise<Response> {
  const response = method === "get" ? await sendAs(null, method, url, given) : null;
  if (!response || response.status >= 400) throw new Unreachable();
  return response;
}

function sendAs(token: string | null, method: Method, url: string, given: Call<unknown>): Promise<Response> {
  return fetched(url, {
    method: method.toUpperCase(),
    headers: {
      ...(given.body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...given.headers,
    },
    body: given.body === undefined ? undefined : JSON.stringify(given.body),
    signal: given.signal,
    cache: "no-store",
  });
}

async function fetched(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable();
  }
}

function address(path: string, given: Call<unknown>): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(given.params?.[name] ?? ""));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size > 0 ? `${filled}?${query}` : filled;
}

async function refusal(response: Response): Promise<ApiError> {
  const problem = await response.json().catch(() => ({}));
  const fields: { field: string; message: string }[] = problem.errors ?? [];
  const named = fields.map(({ field, message }) => `${field}: ${message}`).join(" ");
  const text = named || problem.detail || `The service answered ${response.status}. Try again in a moment.`;
  return new ApiError(response.status, problem.code ?? "unknown", text, Number(response.headers.get("Retry-After")) || 0);
}
