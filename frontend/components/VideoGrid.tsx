"use client";

import { useCallback, useEffect, useRef, useState } from "react";

import { publicVideos, type Video } from "@/lib/api";
import { sentence } from "@/lib/errors";

import { BigNotice, Problem } from "./Notice";
import { VideoCard } from "./VideoCard";
import { SiteLink } from "./SiteLink";

const GRID = "grid gap-x-4 gap-y-8 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-4";

type Pages = { items: Video[]; next: string | null };

/** Every public video, newest first; more come as the page is scrolled. */
export function VideoGrid() {
  const { pages, problem, busy, more } = usePages();
  if (pages?.items.length === 0) return <Welcome />;
  return (
    <>
      <ul className={GRID} aria-busy={busy}>
        {pages?.items.map((video) => (
          <li key={video.id}>
            <VideoCard video={video} />
          </li>
        ))}
        {busy ? <Placeholders count={pages ? 4 : 8} /> : null}
      </ul>
      {problem ? (
        <div className="mt-6">
          <Problem action={<TryAgain onClick={more} />}>{problem}</Problem>
        </div>
      ) : null}
      {pages?.next && !busy && !problem ? <End key={pages.next} onSeen={more} /> : null}
    </>
  );
}

function usePages() {
  const [pages, setPages] = useState<Pages | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(true);
  const cursor = pages?.next ?? null;
  const more = useCallback(() => {
    setBusy(true);
    setProblem(null);
    publicVideos(cursor)
      .then((page) => setPages((old) => ({ items: merged(old?.items ?? [], page.items), next: page.nextCursor })))
      .catch((error: unknown) => setProblem(sentence(error)))
      .finally(() => setBusy(false));
  }, [cursor]);
  const first = useRef(more);
  useEffect(() => first.current(), []);
  return { pages, problem, busy, more };
}

/** A page that overlaps the one before, because a video went meanwhile, shows nothing twice. */
function merged(old: Video[], page: Video[]): Video[] {
  const known = new Set(old.map((video) => video.id));
  return [...old, ...page.filter((video) => !known.has(video.id))];
}

/** Asks for more when it comes near the window; a button for those who don't scroll. */
function End({ onSeen }: { onSeen: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const watcher = new IntersectionObserver(([entry]) => entry?.isIntersecting && onSeen(), { rootMargin: "800px" });
    if (end.current) watcher.observe(end.current);
    return () => watcher.disconnect();
  }, [onSeen]);
  return (
    <div ref={end} className="mt-8 flex justify-center">
      <button type="button" className="button button-quiet" onClick={onSeen}>
        Show more
      </button>
    </div>
  );
}

function Placeholders({ count }: { count: number }) {
  return Array.from({ length: count }, (_, index) => (
    <li key={`waiting-${index}`} aria-hidden className="flex flex-col gap-2">
      <div className="skeleton aspect-video w-full" />
      <div className="skeleton h-5 w-4/5" />
      <div className="skeleton h-4 w-2/5" />
    </li>
  ));
}

function TryAgain({ onClick }: { onClick: () => void }) {
  return (
    <button type="button" className="button button-quiet" onClick={onClick}>
      Try again
    </button>
  );
}

function Welcome() {
  return (
    <BigNotice icon="play" title="Nothing here yet">
      <p>Upload the first video. It will play in every quality that your viewers need.</p>
      <SiteLink href="/upload/" className="button">
        Upload a video
      </SiteLink>
    </BigNotice>
  );
}
