"use client";

import { useState } from "react";

import { dropLetter, replayLetter, type Overview } from "@/lib/api";
import { sentence } from "@/lib/errors";
import { about } from "@/lib/words";

import { Dialog } from "../Dialog";
import { Problem } from "../Notice";
import { Section } from "./Section";

type Letter = Overview["deadLetters"][number];

/** What nobody could handle: try it again, or forget it. */
export function DeadLetters({ letters, onChanged }: { letters: Letter[]; onChanged: () => void }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  const [dropping, setDropping] = useState<Letter | null>(null);
  const act = (deed: Promise<void>, words: string) => {
    setProblem(null);
    setDropping(null);
    deed
      .then(() => setSaid(words))
      .catch((error: unknown) => setProblem(sentence(error)))
      .finally(onChanged);
  };
  return (
    <Section title="Dead letters">
      <p role="status" className="sr-only">
        {said}
      </p>
      {problem ? <Problem>{problem}</Problem> : null}
      {letters.length === 0 ? <p className="text-faint">None.</p> : null}
      <ul className={letters.length ? "card divide-y divide-line" : "hidden"}>
        {letters.map((letter) => (
          <li key={letter.number}>
            <DeadLetter
              letter={letter}
              onReplay={() => act(replayLetter(letter.number), `Letter ${letter.number} is delivered again.`)}
              onDrop={() => setDropping(letter)}
            />
          </li>
        ))}
      </ul>
      {dropping ? (
        <DropDialog
          letter={dropping}
          onClose={() => setDropping(null)}
          onDrop={() => act(dropLetter(dropping.number), `Letter ${dropping.number} is dropped.`)}
        />
      ) : null}
    </Section>
  );
}

function DeadLetter({ letter, onReplay, onDrop }: { letter: Letter; onReplay: () => void; onDrop: () => void }) {
  return (
    <article aria-label={`Letter ${letter.number}`} className="flex flex-col gap-2 p-3 sm:flex-row sm:items-start sm:gap-4">
      <div className="min-w-0 flex-1">
        <h3 className="font-medium break-words">
          {letter.kind} <span className="font-normal text-faint">{letter.videoId}</span>
        </h3>
        <p className="text-sm text-faint">
          Letter {letter.number} · lane {letter.lane} · tried {letter.tries} times · {about(letter.ageSeconds)} old
        </p>
        <p className="text-sm break-words">{letter.error}</p>
      </div>
      <div className="flex shrink-0 gap-2">
        {letter.replayable ? (
          <button type="button" className="button button-quiet" onClick={onReplay} aria-label={`Replay letter ${letter.number}`}>
            Replay
          </button>
        ) : null}
        <button type="button" className="button button-quiet text-danger" onClick={onDrop} aria-label={`Drop letter ${letter.number}`}>
          Drop
        </button>
      </div>
    </article>
  );
}

function DropDialog({ letter, onClose, onDrop }: { letter: Letter; onClose: () => void; onDrop: () => void }) {
  return (
    <Dialog title={`Drop letter ${letter.number}?`} onClose={onClose}>
      <p>What it asks for is not done, unless the service comes to it by itself.</p>
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        <button type="button" className="button button-quiet" onClick={onClose}>
          Keep it
        </button>
        <button type="button" className="button button-danger" onClick={onDrop}>
          Drop
        </button>
      </div>
    </Dialog>
  );
}
