"use client";

import { useEffect, useRef, useState } from "react";

import type { Video } from "@/lib/api";
import { useSession } from "@/lib/session";

import { BigNotice, Problem } from "../Notice";
import { SignInFirst } from "../SignInFirst";
import { DeleteDialog } from "./DeleteDialog";
import { EditDialog } from "./EditDialog";
import { LibraryRow } from "./LibraryRow";
import { useLibrary } from "./useLibrary";
import { SiteLink } from "../SiteLink";

type Open = { what: "edit" | "delete"; video: Video } | null;

/** The signed-in user's own videos. */
export function Library() {
  const session = useSession();
  if (session === null) return <SignInFirst>Sign in to see your videos.</SignInFirst>;
  return session ? <OwnVideos /> : <Skeleton />;
}

function OwnVideos() {
  const { videos, problem, signedOut, hasMore, more, reload, forget } = useLibrary();
  const [open, setOpen] = useState<Open>(null);
  useEditByAddress(videos, (video) => setOpen({ what: "edit", video }));
  if (signedOut) return <SignInFirst>Your session has ended. Sign in again to see your videos.</SignInFirst>;
  if (!videos) return problem ? <Problem action={<Again onClick={reload} />}>{problem}</Problem> : <Skeleton />;
  if (videos.length === 0) return <Empty />;
  return (
    <div className="mx-auto max-w-5xl">
      <div className="mb-4 flex flex-wrap items-center justify-between gap-2">
        <h1>My videos</h1>
        <SiteLink href="/upload/" className="button">
          Upload
        </SiteLink>
      </div>
      {problem ? <Problem action={<Again onClick={reload} />}>{problem}</Problem> : null}
      <ul className="card divide-y divide-line">
        {videos.map((video) => (
          <li key={video.id}>
            <LibraryRow video={video} onEdit={() => setOpen({ what: "edit", video })} onDelete={() => setOpen({ what: "delete", video })} onChanged={reload} />
          </li>
        ))}
      </ul>
      {hasMore ? (
        <button type="button" className="button button-quiet mx-auto mt-6 flex" onClick={more}>
          Show more
        </button>
      ) : null}
      {open?.what === "edit" ? <EditDialog video={open.video} onClose={() => setOpen(null)} onChanged={reload} /> : null}
      {open?.what === "delete" ? (
        <DeleteDialog
          video={open.video}
          onClose={() => setOpen(null)}
          onDeleted={() => {
            forget(open.video.id);
            setOpen(null);
            reload();
          }}
        />
      ) : null}
    </div>
  );
}

/** `?edit=ID` opens the dialog of that video, once. */
function useEditByAddress(videos: Video[] | null, edit: (video: Video) => void) {
  const done = useRef(false);
  useEffect(() => {
    if (done.current || !videos) return;
    done.current = true;
    const wanted = new URLSearchParams(location.search).get("edit");
    const video = videos.find((one) => one.id === wanted);
    if (video) edit(video);
    if (wanted) history.replaceState(null, "", location.pathname);
  }, [videos, edit]);
}

function Again({ onClick }: { onClick: () => void }) {
  return (
    <button type="button" className="button button-quiet" onClick={onClick}>
      Try again
    </button>
  );
}

function Empty() {
  return (
    <BigNotice icon="videos" title="You have no videos yet">
      <p>What you upload appears here, with how far it is.</p>
      <SiteLink href="/upload/" className="button">
        Upload a video
      </SiteLink>
    </BigNotice>
  );
}

function Skeleton() {
  return (
    <div aria-busy className="mx-auto flex max-w-5xl flex-col gap-3">
      <h1>My videos</h1>
      <div className="skeleton h-28" />
      <div className="skeleton h-28" />
      <div className="skeleton h-28" />
    </div>
  );
}
