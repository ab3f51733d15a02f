"use client";

import { useId, useLayoutEffect, useRef, type ReactNode } from "react";

import { Icon } from "./Icon";

/** A modal dialog that is open while it is there; Escape and its cross close it, and focus goes back to where it was. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Only while the dialog still stands in the page does closing it give the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => {
      element?.close();
      requestAnimationFrame(keepFocus);
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className="card m-auto w-[min(36rem,calc(100vw-2rem))] p-5 text-ink backdrop:bg-black/50"
    >
      <div className="mb-4 flex items-start gap-3">
        <h2 id={heading} className="min-w-0 flex-1 text-lg font-semibold break-words">
          {title}
        </h2>
        <button type="button" aria-label="Close" onClick={onClose} className="grid size-11 shrink-0 cursor-pointer place-items-center rounded-lg hover:bg-sunken">
          <Icon name="close" />
        </button>
      </div>
      {children}
    </dialog>
  );
}

/** What opened the dialog may be gone with what it did; then the page goes on from its content. */
function keepFocus() {
  if (document.activeElement === document.body) document.getElementById("content")?.focus();
}
