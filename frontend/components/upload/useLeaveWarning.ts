"use client";

import { useEffect } from "react";

const QUESTION = "An upload is still running. Leave this page and stop it?";

type Navigation = EventTarget;

/** Asks before the page is left, by whatever way. */
export function useLeaveWarning(active: boolean): void {
  useEffect(() => {
    if (!active) return;
    const unload = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", unload);
    document.addEventListener("click", askBeforeLink, { capture: true });
    const { navigation } = window as unknown as { navigation?: Navigation };
    navigation?.addEventListener("navigate", askBeforeBack);
    return () => {
      window.removeEventListener("beforeunload", unload);
      document.removeEventListener("click", askBeforeLink, { capture: true });
      navigation?.removeEventListener("navigate", askBeforeBack);
    };
  }, [active]);
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
