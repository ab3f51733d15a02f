"use client";

import { useState } from "react";

import { remove, type Video } from "@/lib/api";
import { sentence } from "@/lib/errors";

import { Dialog } from "../Dialog";
import { Problem } from "../Notice";

/** Asks before a video is deleted for good. */
export function DeleteDialog({ video, onClose, onDeleted }: { video: Video; onClose: () => void; onDeleted: () => void }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const confirm = () => {
    setBusy(true);
    remove(video.id)
      .then(onDeleted)
      .catch((error: unknown) => {
        setProblem(sentence(error));
        setBusy(false);
      });
  };
  return (
    <Dialog title="Delete this video?" onClose={onClose}>
      <p className="mb-4 break-words">
        <strong>{video.title}</strong> goes for good, with everything that belongs to it. Its links stop working.
      </p>
      {problem ? <Problem>{problem}</Problem> : null}
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        <button type="button" className="button button-quiet" onClick={onClose}>
          Keep it
        </button>
        <button type="button" className="button button-danger" disabled={busy} onClick={confirm}>
          Delete
        </button>
      </div>
    </Dialog>
  );
}
