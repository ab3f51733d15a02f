import type { Overview } from "@/lib/api";
import { about, age } from "@/lib/words";

import { ProgressBar } from "../ProgressBar";
import { SiteLink } from "../SiteLink";
import { Section } from "./Section";

type Named = { id: string; title: string };

/** What is being encoded, and how far it is. */
export function Encodes({ encodes }: { encodes: Overview["encodes"] }) {
  return (
    <Section title="Running encodes" empty={encodes.length === 0 && "None."}>
      <ul className="card divide-y divide-line">
        {encodes.map((encode) => (
          <li key={encode.id} className="flex flex-col gap-1 p-3">
            <Title video={encode} />
            <p className="text-sm text-faint">
              {encode.owner} · attempt {encode.attempt} · {Math.floor(encode.percent)} %
              {encode.secondsLeft ? ` · ${about(encode.secondsLeft)} left` : ""}
              {encode.playable ? " · can be watched already" : ""}
              {encode.pid ? ` · process ${encode.pid}` : ""}
            </p>
            <ProgressBar label={`Encoding ${encode.title}`} percent={encode.percent} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** What failed last, and why. */
export function Failures({ failures }: { failures: Overview["failures"] }) {
  return (
    <Section title="Latest failures" empty={failures.length === 0 && "None."}>
      <ul className="card divide-y divide-line">
        {failures.map((video) => (
          <li key={video.id} className="flex flex-col gap-1 p-3">
            <Title video={video} />
            <p className="text-sm text-faint">
              {video.owner} · {age(video.createdAt)}
            </p>
            <p className="text-sm break-words">
              <code>{video.error.code}</code> {video.error.detail}
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Title({ video }: { video: Named }) {
  return (
    <h3 className="font-medium break-words">
      <SiteLink href={`/watch/?v=${video.id}`} className="hover:text-accent">
        {video.title}
      </SiteLink>
    </h3>
  );
}
