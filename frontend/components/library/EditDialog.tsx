"use client";

import { useState } from "react";

import { change, publish, type Video } from "@/lib/api";
import { sentence } from "@/lib/errors";

import { Dialog } from "../Dialog";
import { Problem } from "../Notice";
import { VideoFields, type Fields } from "../VideoFields";

/** Change what is said about a video; a draft is published by it. */
export function EditDialog({ video, onClose, onChanged }: { video: Video; onClose: () => void; onChanged: (video: Video) => void }) {
  const [fields, setFields] = useState<Fields>({ title: video.title, description: video.description, visibility: video.visibility });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const save = async () => {
    setBusy(true);
    setProblem(null);
    try {
      onChanged(await (video.draft ? publish(video.id, fields.title, fields.description, fields.visibility) : change(video.id, fields)));
      onClose();
    } catch (error) {
      setProblem(sentence(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={video.draft ? "Publish this video" : "Edit this video"} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <VideoFields value={fields} onChange={setFields} />
        {problem ? <Problem>{problem}</Problem> : null}
        <div className="flex flex-wrap justify-end gap-2">
          <button type="button" className="button button-quiet" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button" disabled={busy}>
            {video.draft ? "Publish" : "Save"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
