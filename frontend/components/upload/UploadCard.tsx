"use client";

import { signInAddress } from "@/lib/session";
import { about, bytes } from "@/lib/words";

import { Problem } from "../Notice";
import { ProgressBar } from "../ProgressBar";
import { VideoFields } from "../VideoFields";
import { PublishedVideo } from "./PublishedVideo";
import type { Details, Upload } from "./upload";

type Props = {
  upload: Upload;
  onChange: (key: string, details: Details) => void;
  onRetry: (key: string) => void;
  onCancel: (key: string) => void;
  onForget: (key: string) => void;
};

/** One file, from its choice to the running video. */
export function UploadCard({ upload, onChange, onRetry, onCancel, onForget }: Props) {
  const { key, phase, details } = upload;
  const editable = phase === "chosen" || phase === "waiting" || phase === "sending" || phase === "broken";
  return (
    <section className="card flex flex-col gap-4 p-4" aria-label={details.title}>
      <header className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-semibold">{phase === "published" ? details.title : upload.file.name}</h2>
          <p className="text-sm text-faint">{bytes(upload.file.size)}</p>
        </div>
        {phase === "published" ? (
          <button type="button" className="button button-quiet" onClick={() => onForget(key)}>
            Done
          </button>
        ) : (
          <button type="button" className="button button-quiet" onClick={() => onCancel(key)}>
            {phase === "chosen" || phase === "refused" ? "Remove" : "Cancel"}
          </button>
        )}
      </header>
      {phase === "refused" ? <Problem>{upload.problem}</Problem> : null}
      {phase === "waiting" ? <p className="text-faint">Waits for the others …</p> : null}
      {phase === "sending" || phase === "publishing" ? <Sending upload={upload} /> : null}
      {phase === "broken" ? <Broken upload={upload} onRetry={onRetry} /> : null}
      {editable ? <VideoFields value={details} onChange={(changed) => onChange(key, changed)} goesPublic={upload.early} /> : null}
      {phase === "published" && upload.videoId ? <PublishedVideo id={upload.videoId} /> : null}
    </section>
  );
}

function Sending({ upload }: { upload: Upload }) {
  const { sent } = upload;
  const total = upload.file.size;
  const all = upload.phase === "publishing" || (sent?.bytes ?? 0) >= total;
  const left = sent?.perSecond ? (total - sent.bytes) / sent.perSecond : null;
  const words = [
    `${bytes(all ? total : (sent?.bytes ?? 0))} of ${bytes(total)}`,
    sent?.perSecond && !all ? `${bytes(Math.round(sent.perSecond))}/s` : "",
    left !== null && !all ? `${about(left)} left` : "",
    all ? "finishing" : "",
  ];
  return (
    <div>
      <ProgressBar label={`Uploading ${upload.file.name}`} percent={all ? 100 : (100 * (sent?.bytes ?? 0)) / total} />
      <p className="mt-2 text-sm text-faint tabular-nums">{words.filter(Boolean).join(" · ")}</p>
    </div>
  );
}

function Broken({ upload, onRetry }: { upload: Upload; onRetry: (key: string) => void }) {
  const actions = (
    <div className="flex flex-wrap gap-2">
      {upload.signedOut ? (
        <a href={signInAddress()} target="_blank" rel="noopener" className="button button-quiet">
          Sign in
        </a>
      ) : null}
      <button type="button" className="button button-quiet" onClick={() => onRetry(upload.key)}>
        Try again
      </button>
    </div>
  );
  return <Problem action={actions}>{upload.problem}</Problem>;
}
