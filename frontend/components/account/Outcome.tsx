import type { ReactNode } from "react";

import { Problem } from "../Notice";

type Props = { busy: boolean; done: boolean; problem: string | null; words: string; children: ReactNode };

/** The button of a form, and what came of it. */
export function Outcome({ busy, done, problem, words, children }: Props) {
  return (
    <>
      {problem ? <Problem>{problem}</Problem> : null}
      <div className="flex flex-wrap items-center gap-3">
        <button type="submit" className="button" disabled={busy}>
          {children}
        </button>
        <output className="text-good">{done ? words : null}</output>
      </div>
    </>
  );
}
