"use client";

import { useState } from "react";

import { retry } from "@/lib/api";
import { sentence } from "@/lib/errors";
import { worthRetrying } from "@/lib/failures";
import { useLiveVideo } from "@/lib/live";
import { about } from "@/lib/words";

import { CopyButton } from "../CopyButton";
import { Icon } from "../Icon";
import { Problem } from "../Notice";
import { LazyPlayer, PlayerPlace } from "../player/LazyPlayer";
import { ProgressBar } from "../ProgressBar";
import { SiteLink } from "../SiteLink";

/** An uploaded video while it is being prepared: it plays as soon as it can. */
export function PublishedVideo({ id }: { id: string }) {
  const { video, problem, reload, again } = useLiveVideo(id);
  const [refusal, setRefusal] = useState<string | null>(null);
  const tryAgain = () =>
    retry(id)
      .then(again)
      .catch((error: unknown) => setRefusal(sentence(error)));
  if (!video && problem) return <Problem>{sentence(problem)}</Problem>;
  if (!video) return <ProgressBar label="Preparing the video" percent={null} />;
  if (video.status === "failed") return <FailedUpload code={video.error?.code} detail={refusal ?? video.error?.detail} onRetry={() => void tryAgain()} />;
  const { stage, percent, secondsLeft } = video.progress;
  return (
    <div className="flex flex-col gap-4">
      {video.playable && video.playback ? (
        <PlayerPlace video={video}>
          <LazyPlayer video={video} autoPlay onRenew={reload} />
        </PlayerPlace>
      ) : null}
      {video.status === "done" ? (
        <p className="flex items-center gap-2 font-medium text-good">
          <Icon name="check" /> Ready to watch
        </p>
      ) : (
        <div>
          <ProgressBar label="Preparing the video" percent={stage === "encoding" ? percent : null} />
          <p className="mt-2 text-sm text-faint tabular-nums">
            {stage === "encoding" ? `Preparing: ${Math.floor(percent)} %` : "Uploaded; about to be prepared"}
            {secondsLeft ? ` · ${about(secondsLeft)} left` : ""}
            {" · you can leave this page"}
          </p>
        </div>
      )}
      <div className="flex flex-wrap gap-2">
        <SiteLink href={`/watch/?v=${id}`} className="button">
          Open its page
        </SiteLink>
        <CopyButton label="Copy link" text={() => `${location.origin}/watch/?v=${id}`} />
      </div>
    </div>
  );
}

function FailedUpload({ code, detail, onRetry }: { code?: string; detail?: string; onRetry: () => void }) {
  const again = (
    <button type="button" className="button button-quiet" onClick={onRetry}>
      Try again
    </button>
  );
  return (
    <Problem action={worthRetrying(code) ? again : null}>{detail}</Problem>
  );
}
