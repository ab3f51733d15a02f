"use client";

import { useEffect } from "react";

const QUESTION = "An upload is not finished. Leave this page and stop it?";

type Navigation = EventTarget;
type Stop = () => Promise<unknown>;

let underWay: Stop | null = null;

/** Whether the session may be ended: asked if something is under way, which is stopped then, while its owner still may. */
export async function stopBeforeLeaving(): Promise<boolean> {
  if (underWay && !window.confirm(QUESTION)) return false;
  await underWay?.();
  return true;
}

/** Asks before the page is left, by whatever way. */
export function useLeaveWarning(active: boolean, stop: Stop): void {
  useEffect(() => {
    if (!active) return;
    underWay = stop;
    const unload = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", unload);
    document.addEventListener("click", askBeforeLink, { capture: true });
    const { navigation } = window as unknown as { navigation?: Navigation };
    navigation?.addEventListener("navigate", askBeforeBack);
    return () => {
      underWay = null;
      window.removeEventListener("beforeunload", unload);
      document.removeEventListener("click", askBeforeLink, { capture: true });
      navigation?.removeEventListener("navigate", askBeforeBack);
    };
  }, [active, stop]);
}

/** Links within the site don't unload the page, so the browser itself would not ask. */
function askBeforeLink(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest?.("a[href]");
  const elsewhere = link instanceof HTMLAnchorElement && link.origin === location.origin && link.pathname !== location.pathname;
  if (!elsewhere || link.target === "_blank" || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (!window.confirm(QUESTION)) {
    event.preventDefault();
    event.stopPropagation();
  }
}

function askBeforeBack(event: Event): void {
  const { navigationType, destination } = event as Event & { navigationType: string; destination: { sameDocument: boolean } };
  if (navigationType === "traverse" && destination.sameDocument && event.cancelable && !window.confirm(QUESTION)) event.preventDefault();
}
