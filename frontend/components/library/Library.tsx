"use client";

import { useEffect, useRef, useState } from "react";

import { video as ask, type Video } from "@/lib/api";
import { useSession, type User } from "@/lib/session";

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
  return session ? <OwnVideos key={session.id} user={session} /> : <Skeleton />;
}

function OwnVideos({ user }: { user: User }) {
  const { videos, problem, signedOut, hasMore, more, reload, changed, forget } = useLibrary();
  const [open, setOpen] = useState<Open>(null);
  useEditByAddress(user, (video) => setOpen({ what: "edit", video }));
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
            <LibraryRow video={video} onEdit={() => setOpen({ what: "edit", video })} onDelete={() => setOpen({ what: "delete", video })} onChanged={changed} />
          </li>
        ))}
      </ul>
      {hasMore ? (
        <button type="button" className="button button-quiet mx-auto mt-6 flex" onClick={more}>
          Show more
        </button>
      ) : null}
      {open?.what === "edit" ? <EditDialog video={open.video} onClose={() => setOpen(null)} onChanged={changed} /> : null}
      {open?.what === "delete" ? (
        <DeleteDialog
          video={open.video}
          onClose={() => setOpen(null)}
          onDeleted={() => {
            forget(open.video.id);
            setOpen(null);
          }}
        />
      ) : null}
    </div>
  );
}

/** `?edit=ID` opens the dialog of that video, however old, once. */
function useEditByAddress(user: User, edit: (video: Video) => void) {
  const open = useRef(edit);
  useEffect(() => {
    const wanted = new URLSearchParams(location.search).get("edit");
    if (!wanted) return;
    history.replaceState(null, "", location.pathname);
    ask(wanted)
      .then(({ body }) => body.userId === user.id && open.current(body))
      // It is gone, or out of reach: the list tells.
      .catch(() => undefined);
  }, [user.id]);
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
