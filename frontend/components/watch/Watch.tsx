"use client";

import { useSearchParams } from "next/navigation";
import { useEffect } from "react";

import type { Video } from "@/lib/api";
import { isGone, useLiveVideo } from "@/lib/live";
import { useSession } from "@/lib/session";
import { age, day } from "@/lib/words";

import { Icon } from "../Icon";
import { LazyPlayer, PlayerPlace } from "../player/LazyPlayer";
import { LinkedText } from "./LinkedText";
import { SharePanel } from "./SharePanel";
import { Failed, NotFound, OutOfReach, Preparing } from "./states";
import { SiteLink } from "../SiteLink";

/** The page of one video. */
export function Watch() {
  const id = useSearchParams().get("v")?.toUpperCase() ?? "";
  return /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id) ? <WatchVideo key={id} id={id} /> : <NotFound />;
}

function WatchVideo({ id }: { id: string }) {
  const { video, problem, reload } = useLiveVideo(id);
  if (!video) {
    if (!problem) return <Skeleton />;
    return isGone(problem) ? <NotFound /> : <OutOfReach onRetry={() => location.reload()} />;
  }
  return (
    <article className="mx-auto max-w-5xl">
      <Head video={video} />
      <Stage video={video} onRenew={reload} />
      <Details video={video} />
    </article>
  );
}

/** What the browser and other sites are told about this page. */
function Head({ video }: { video: Video }) {
  useEffect(() => {
    document.title = `${video.title} – Sluice`;
  }, [video.title]);
  if (video.visibility === "private" || typeof window === "undefined") return null;
  const address = encodeURIComponent(`${location.origin}/watch/?v=${video.id}`);
  // React moves it into the head.
  return <link rel="alternate" type="application/json+oembed" href={`/api/oembed?url=${address}&format=json`} title={video.title} />;
}

function Stage({ video, onRenew }: { video: Video; onRenew: () => Promise<Video | null> }) {
  if (video.status === "failed") return <Failed video={video} />;
  if (!video.playable || !video.playback) return <Preparing video={video} />;
  return (
    <PlayerPlace video={video}>
      <LazyPlayer video={video} autoPlay onRenew={onRenew} />
    </PlayerPlace>
  );
}

function Details({ video }: { video: Video }) {
  const session = useSession();
  return (
    <div className="mt-4 flex flex-col gap-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0 flex-1 basis-72">
          <h1 className="break-words">{video.title}</h1>
          <p className="mt-1 flex flex-wrap gap-x-2 text-faint">
            <span className="break-words">{video.owner}</span>
            <span aria-hidden>·</span>
            <time dateTime={video.createdAt} title={day(video.createdAt)}>
              {day(video.createdAt)}, {age(video.createdAt)}
            </time>
            {video.visibility === "public" ? null : <VisibilityMark visibility={video.visibility} />}
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          {session?.id === video.userId ? (
            <SiteLink href={`/library/?edit=${video.id}`} className="button button-quiet">
              Edit
            </SiteLink>
          ) : null}
          {video.visibility === "private" ? null : <SharePanel video={video} />}
        </div>
      </div>
      {video.status === "processing" && video.playable ? <StillPreparing video={video} /> : null}
      {video.description ? (
        <div className="card p-4 break-words whitespace-pre-line">
          <LinkedText text={video.description} />
        </div>
      ) : null}
    </div>
  );
}

function VisibilityMark({ visibility }: { visibility: string }) {
  return (
    <span className="inline-flex items-center gap-1">
      <Icon name={visibility === "private" ? "lock" : "link"} className="size-4" />
      {visibility === "private" ? "Private" : "Unlisted"}
    </span>
  );
}

function StillPreparing({ video }: { video: Video }) {
  return <p className="text-sm text-faint">The rest is still being prepared: {Math.floor(video.progress.percent)} % done.</p>;
}

/** The page before its video is known. */
export function Skeleton() {
  return (
    <div aria-busy className="mx-auto max-w-5xl">
      <div className="skeleton aspect-video w-full" />
      <div className="skeleton mt-4 h-8 w-3/5" />
      <div className="skeleton mt-2 h-5 w-2/5" />
      <p className="sr-only">Loading the video</p>
    </div>
  );
}
