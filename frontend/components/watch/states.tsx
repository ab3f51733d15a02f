"use client";


import type { Video } from "@/lib/api";
import { signInAddress, useSession } from "@/lib/session";
import { about } from "@/lib/words";

import { BigNotice } from "../Notice";
import { ProgressBar } from "../ProgressBar";
import { SiteLink } from "../SiteLink";

/** There is no such video, or not for this visitor. */
export function NotFound() {
  const session = useSession();
  return (
    <BigNotice icon="film" title="This video isn’t here">
      <p>It doesn’t exist, was deleted, or is private.</p>
      <div className="flex flex-wrap justify-center gap-2">
        <SiteLink href="/" className="button">
          See all videos
        </SiteLink>
        {session === null ? (
          <a href="/sign-in/" onClick={(event) => (event.currentTarget.href = signInAddress())} className="button button-quiet">
            Sign in to see your own
          </a>
        ) : null}
      </div>
    </BigNotice>
  );
}

/** The service doesn't answer. */
export function OutOfReach({ onRetry }: { onRetry: () => void }) {
  return (
    <BigNotice icon="alert" title="The video can’t be loaded">
      <p role="alert">The service can’t be reached. Check your connection.</p>
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </BigNotice>
  );
}

/** It can't be watched yet; it will start by itself. */
export function Preparing({ video }: { video: Video }) {
  const encoding = video.progress.stage === "encoding";
  return (
    <section className="grid aspect-video min-h-48 w-full place-items-center rounded-xl bg-sunken p-4 text-center">
      <div className="w-full max-w-sm">
        <h2 className="text-lg font-semibold">{STAGES[video.progress.stage]}</h2>
        <p className="mt-1 mb-4 text-faint">It starts here by itself as soon as it can be watched.</p>
        <ProgressBar label="Preparing the video" percent={encoding ? video.progress.percent : null} />
        {encoding && video.progress.secondsLeft ? <p className="mt-2 text-sm text-faint">{about(video.progress.secondsLeft)} left</p> : null}
      </div>
    </section>
  );
}

const STAGES: Record<Video["progress"]["stage"], string> = {
  uploading: "The upload is still running",
  queued: "This video is about to be prepared",
  encoding: "This video is being prepared",
  done: "Ready",
  failed: "Failed",
};

/** It can't be made watchable. */
export function Failed({ video }: { video: Video }) {
  const session = useSession();
  const own = session?.id === video.userId;
  return (
    <section className="grid aspect-video min-h-56 w-full place-items-center rounded-xl bg-sunken p-4 text-center">
      <div className="flex max-w-md flex-col items-center gap-3">
        <h2 className="text-lg font-semibold">This video could not be prepared</h2>
        <p role="alert" className="break-words">
          {video.error?.detail ?? "Something went wrong on our side."}
        </p>
        {own ? (
          <SiteLink href="/library/" className="button">
            Go to my videos
          </SiteLink>
        ) : null}
      </div>
    </section>
  );
}
