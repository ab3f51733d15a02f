/**
 * Who is signed in, read from the cookies that Amplify keeps; Amplify itself is loaded only to sign in, out and to
 * renew a token, so that the pages everybody sees stay small.
 */

import { useEffect, useState } from "react";

import { siteConfig } from "./config";
import { Unreachable } from "./errors";

export type User = { id: string; name: string; email: string | undefined; operator: boolean };

/** undefined until it is known; null for nobody. */
export type Session = User | null | undefined;

type Claims = { sub?: string; exp?: number; name?: string; preferred_username?: string; email?: string; "cognito:groups"?: string[] };

const CHANGED = "sluice:session";
const RENEW_BEFORE_S = 60;
const LOOK_AGAIN_MS = 3000;

/** The signed-in user, kept up to date. */
export function useSession(): Session {
  const [session, setSession] = useState<Session>(undefined);
  useEffect(() => {
    let mounted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const know = (user: User | null) => mounted && setSession((old) => (same(old, user) ? old : user));
    // Where nobody can tell who it is, it stays as it was.
    const later = () => mounted && (timer = setTimeout(look, LOOK_AGAIN_MS));
    const look = () => {
      clearTimeout(timer);
      currentUser().then(know, later);
    };
    look();
    const changes = new BroadcastChannel(CHANGED);
    changes.addEventListener("message", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      mounted = false;
      clearTimeout(timer);
      changes.close();
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return session;
}

/** Tell every part of every tab that somebody signed in or out. */
export function sessionChanged(): void {
  const changes = new BroadcastChannel(CHANGED);
  changes.postMessage(null);
  changes.close();
}

/**
 * A token that is still good for a minute, renewed if need be, or if `renew` says so; null for nobody. Unreachable where
 * it can't be renewed now.
 */
export async function accessToken({ renew = false } = {}): Promise<string | null> {
  const token = await kept("accessToken");
  const expires = token ? claims(token).exp : undefined;
  if (!renew && token && expires && expires > Date.now() / 1000 + RENEW_BEFORE_S) return token;
  if (!(await kept("refreshToken"))) return null;
  try {
    const { renewedToken } = await import("./auth");
    return await renewedToken(renew);
  } catch {
    // Amplify forgets a session that was refused; one that it still keeps was judged by nobody.
    if (await kept("refreshToken")) throw new Unreachable();
    return null;
  }
}

/** Forget a session that the service no longer accepts. */
export async function endSession(): Promise<void> {
  const { signOut } = await import("./auth");
  await signOut();
}

/** The address of the sign-in page that leads back to here. */
export function signInAddress(back?: string): string {
  return `/sign-in/?next=${encodeURIComponent(back ?? location.pathname + location.search)}`;
}

async function currentUser(): Promise<User | null> {
  const token = (await kept("refreshToken")) && (await kept("idToken"));
  if (!token) return null;
  const found = claims(token);
  const { sub, name, preferred_username, email } = found;
  const operator = found["cognito:groups"]?.includes("operators") ?? false;
  return sub ? { id: sub, name: name || preferred_username || email || "Signed in", email, operator } : null;
}

async function kept(what: "accessToken" | "idToken" | "refreshToken"): Promise<string | null> {
  const { userPoolClientId } = await siteConfig();
  const prefix = `CognitoIdentityServiceProvider.${userPoolClientId}`;
  const user = cookie(`${prefix}.LastAuthUser`);
  return user ? cookie(`${prefix}.${user}.${what}`) : null;
}

function cookie(name: string): string | null {
  for (const pair of document.cookie.split("; ")) {
    const at = pair.indexOf("=");
    if (decoded(pair.slice(0, at)) === name) return decoded(pair.slice(at + 1)) || null;
  }
  return null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function claims(token: string): Claims {
  try {
    const base64 = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return {};
  }
}

function same(old: Session, user: Session): boolean {
  return old?.id === user?.id && old?.name === user?.name && old?.operator === user?.operator && (old === undefined) === (user === undefined);
}
