"use client";

import { useState } from "react";

import { retry, source, type Video } from "@/lib/api";
import { sentence } from "@/lib/errors";
import { worthRetrying } from "@/lib/failures";
import { about, age, clock } from "@/lib/words";

import { Icon, type IconName } from "../Icon";
import { Problem } from "../Notice";
import { ProgressBar } from "../ProgressBar";
import { Thumbnail } from "../Thumbnail";
import { SiteLink } from "../SiteLink";

type Props = { video: Video; onEdit: () => void; onDelete: () => void; onChanged: (video: Video) => void };

/** One of one's own videos: its state, and what can be done with it. */
export function LibraryRow({ video, onEdit, onDelete, onChanged }: Props) {
  const [problem, setProblem] = useState<string | null>(null);
  const act = (done: Promise<void>) => {
    setProblem(null);
    done.catch((error: unknown) => setProblem(sentence(error)));
  };
  const tryAgain = () => act(retry(video.id).then(onChanged));
  // It answers with a file to be kept, so this page stays.
  const download = () => act(source(video.id).then((url) => location.assign(url)));
  return (
    <article className="flex flex-col gap-3 p-3 sm:flex-row sm:gap-4 sm:p-4" aria-label={video.title}>
      <div className="w-full shrink-0 sm:w-44">
        <Thumbnail src={video.playback?.thumbnail ?? null} />
      </div>
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <h2 className="line-clamp-2 font-semibold break-words">
          <SiteLink href={`/watch/?v=${video.id}`} className="hover:text-accent">
            {video.title}
          </SiteLink>
        </h2>
        <p className="text-sm text-faint">{factsOf(video)}</p>
        <State video={video} />
        {problem ? <Problem>{problem}</Problem> : null}
        <div className="mt-1 flex flex-wrap gap-2">
          <SiteLink href={`/watch/?v=${video.id}`} className="button button-quiet" aria-label={`View ${video.title}`}>
            View
          </SiteLink>
          <button type="button" className="button button-quiet" onClick={onEdit} aria-label={`${video.draft ? "Publish" : "Edit"} ${video.title}`}>
            {video.draft ? "Publish" : "Edit"}
          </button>
          {video.status === "failed" && worthRetrying(video.error?.code) ? (
            <button type="button" className="button button-quiet" onClick={tryAgain} aria-label={`Try ${video.title} again`}>
              Try again
            </button>
          ) : null}
          {video.sourceKept ? (
            <button type="button" className="button button-quiet" onClick={download} aria-label={`Download original of ${video.title}`}>
              Download original
            </button>
          ) : null}
          <button type="button" className="button button-quiet text-danger" onClick={onDelete} aria-label={`Delete ${video.title}`}>
            Delete
          </button>
        </div>
      </div>
    </article>
  );
}

function factsOf(video: Video): string {
  const visibility = { public: "Public", unlisted: "Unlisted", private: "Private" }[video.visibility];
  const length = video.duration === null ? "" : clock(video.duration);
  return [video.draft ? "Draft, not published yet" : visibility, length, age(video.createdAt)].filter(Boolean).join(" · ");
}

function State({ video }: { video: Video }) {
  const { stage, percent, secondsLeft } = video.progress;
  if (stage === "done") return <StateLine icon="check" words="Ready" tone="text-good" />;
  if (stage === "failed") {
    return (
      <div className="text-sm">
        <StateLine icon="alert" words="Failed" tone="text-danger" />
        <p className="break-words">{video.error?.detail}</p>
      </div>
    );
  }
  if (stage !== "encoding") return <StateLine icon="upload" words={stage === "uploading" ? "Uploading" : "Waiting to be prepared"} tone="text-faint" />;
  const left = secondsLeft ? ` · ${about(secondsLeft)} left` : "";
  return (
    <div className="max-w-md">
      <StateLine icon="film" words={`Preparing ${Math.floor(percent)} %${left}${video.playable ? " · can be watched already" : ""}`} tone="text-faint" />
      <ProgressBar label={`Preparing ${video.title}`} percent={percent} />
    </div>
  );
}

function StateLine({ icon, words, tone }: { icon: IconName; words: string; tone: string }) {
  return (
    <p className={`flex items-center gap-1.5 text-sm ${tone}`}>
      <Icon name={icon} className="size-4" />
      {words}
    </p>
  );
}
