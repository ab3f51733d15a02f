"use client";

import { useState } from "react";

import { removeAll } from "@/lib/api";
import { sentence } from "@/lib/errors";

import { Dialog } from "../Dialog";
import { Problem } from "../Notice";

/** Asks before an account is deleted for good; its videos go first, so that none is left without an owner. */
export function DeleteAccountDialog({ onClose }: { onClose: () => void }) {
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const confirm = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await removeAll();
      const { deleteAccount } = await import("@/lib/auth");
      await deleteAccount();
      location.replace("/");
    } catch (error) {
      setProblem(sentence(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title="Delete your account?" onClose={onClose}>
      <label className="flex min-h-11 items-center gap-3">
        <input type="checkbox" className="size-5 shrink-0 accent-accent" checked={sure} onChange={(event) => setSure(event.target.checked)} />
        Delete my account and all my videos. Nobody can bring them back.
      </label>
      {problem ? <Problem>{problem}</Problem> : null}
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        <button type="button" className="button button-quiet" disabled={busy} onClick={onClose}>
          Keep it
        </button>
        <button type="button" className="button button-danger" disabled={busy || !sure} onClick={() => void confirm()}>
          {busy ? "Deleting …" : "Delete"}
        </button>
      </div>
    </Dialog>
  );
}
