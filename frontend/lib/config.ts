/** What differs from home to home; asked for once. */

import type { components } from "./schema";

export type SiteConfig = components["schemas"]["SiteConfig"];

let asked: Promise<SiteConfig> | null = null;

/** The configuration of the home that serves this page. */
export function siteConfig(): Promise<SiteConfig> {
  asked ??= fetch("/config.json").then((response) => {
    if (!response.ok) throw new Error(`/config.json: ${response.status}`);
    return response.json();
  });
  asked.catch(() => (asked = null));
  return asked;
}

/**
 * The address as this page can use it. A home's addresses begin with its public one; where the page was opened under
 * another name of the same machine, its own origin is the right one.
 */
export async function here<T extends string | null>(url: T): Promise<T> {
  const { publicUrl } = await siteConfig();
  return (url?.startsWith(`${publicUrl}/`) ? location.origin + url.slice(publicUrl.length) : url) as T;
}
