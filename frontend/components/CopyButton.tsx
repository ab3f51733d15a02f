"use client";

import { useEffect, useState } from "react";

import { Icon, type IconName } from "./Icon";

/** Copies a text and says so. */
export function CopyButton({ text, label, icon }: { text: string | (() => string); label: string; icon?: IconName }) {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 3000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () =>
    copyText(typeof text === "string" ? text : text())
      .then(() => setState("copied"))
      .catch(() => setState("refused"));
  return (
    <button type="button" className="button button-quiet" onClick={() => void copy()}>
      <Icon name={state === "copied" ? "check" : (icon ?? "link")} />
      <span aria-live="polite">{state === "copied" ? "Copied" : state === "refused" ? "Could not copy" : label}</span>
    </button>
  );
}

async function copyText(text: string): Promise<void> {
  // The clipboard is only there on https and on this machine.
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (!copied) throw new Error("refused");
}
