"use client";

import { useEffect, useState } from "react";

import { siteConfig } from "@/lib/config";
import { useSession } from "@/lib/session";

import { SignInFirst } from "../SignInFirst";
import { DropZone } from "./DropZone";
import { UploadCard } from "./UploadCard";
import { useLeaveWarning } from "./useLeaveWarning";
import { isUnderWay, useUploads } from "./useUploads";

/** Choose files, say what they are, send them, watch them. */
export function UploadPage() {
  const session = useSession();
  const maxBytes = useMaxBytes();
  const { uploads, choose, startAll, retry, change, drop, forget, stop } = useUploads(maxBytes);
  useLeaveWarning(isUnderWay(uploads), stop);
  if (session === null && uploads.length === 0) return <SignInFirst>Sign in to upload videos. It takes a minute to make an account.</SignInFirst>;
  const ready = uploads.filter((one) => one.phase === "chosen");
  return (
    <form
      className="mx-auto flex max-w-3xl flex-col gap-6"
      onSubmit={(event) => {
        event.preventDefault();
        startAll();
      }}
    >
      <h1>Upload</h1>
      <DropZone maxBytes={maxBytes} small={uploads.length > 0} disabled={!session} onChoose={choose} />
      <ul className="flex flex-col gap-4">
        {uploads.map((one) => (
          <li key={one.key}>
            <UploadCard upload={one} onChange={change} onRetry={retry} onCancel={drop} onForget={forget} />
          </li>
        ))}
      </ul>
      {ready.length > 0 ? (
        <button type="submit" className="button self-start px-6 text-lg">
          {ready.length === 1 ? "Upload" : `Upload ${ready.length} videos`}
        </button>
      ) : null}
    </form>
  );
}

function useMaxBytes(): number | null {
  const [maxBytes, setMaxBytes] = useState<number | null>(null);
  useEffect(() => {
    siteConfig()
      .then((config) => setMaxBytes(config.maxUploadBytes))
      .catch(() => undefined);
  }, []);
  return maxBytes;
}
