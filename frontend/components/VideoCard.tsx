
import type { Video } from "@/lib/api";
import { age, clock } from "@/lib/words";

import { Thumbnail } from "./Thumbnail";
import { SiteLink } from "./SiteLink";

/** One video of a list: what it looks like, what it is called, whose it is. */
export function VideoCard({ video }: { video: Video }) {
  return (
    <article className="group relative flex flex-col gap-2">
      <Thumbnail src={video.playback?.thumbnail ?? null}>
        {video.duration === null ? null : (
          <span className="absolute right-2 bottom-2 rounded bg-black/80 px-1.5 py-0.5 text-xs font-medium text-white tabular-nums">
            <span className="sr-only">Duration </span>
            {clock(video.duration)}
          </span>
        )}
      </Thumbnail>
      <h2 className="line-clamp-2 leading-snug font-semibold break-words">
        <SiteLink href={`/watch/?v=${video.id}`} className="group-hover:text-accent after:absolute after:inset-0">
          {video.title}
        </SiteLink>
      </h2>
      <p className="truncate text-sm text-faint">
        {video.owner} · <time dateTime={video.createdAt}>{age(video.createdAt)}</time>
      </p>
    </article>
  );
}
