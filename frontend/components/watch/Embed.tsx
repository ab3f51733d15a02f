"use client";

import { useSearchParams } from "next/navigation";

import { isGone, useLiveVideo } from "@/lib/live";

import { LazyPlayer } from "../player/LazyPlayer";

/** The player alone, to be framed by other sites. */
export function Embed() {
  const id = useSearchParams().get("v")?.toUpperCase() ?? "";
  return /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id) ? <EmbeddedVideo key={id} id={id} /> : <Words>This video isn’t here.</Words>;
}

function EmbeddedVideo({ id }: { id: string }) {
  const { video, problem, reload } = useLiveVideo(id);
  if (!video) return problem ? <Words>{isGone(problem) ? "This video isn’t here." : "The video can’t be loaded now."}</Words> : null;
  if (video.status === "failed") return <Words>This video could not be prepared.</Words>;
  if (!video.playable || !video.playback) return <Words>This video is being prepared. It starts here by itself.</Words>;
  return (
    <>
      <h1 className="sr-only">{video.title}</h1>
      <LazyPlayer video={video} onRenew={reload} />
      <a
        href={`/watch/?v=${id}`}
        target="_blank"
        rel="noopener"
        className="absolute top-2 left-2 z-10 max-w-[calc(100%-1rem)] truncate rounded bg-black/70 px-3 py-2 font-medium text-white hover:underline"
      >
        {video.title}
      </a>
    </>
  );
}

function Words({ children }: { children: string }) {
  return (
    <p role="status" className="grid size-full place-items-center p-4 text-center">
      {children}
    </p>
  );
}
