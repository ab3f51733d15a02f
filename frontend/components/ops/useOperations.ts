"use client";

import { useRef, useState } from "react";

import { operations, type Overview } from "@/lib/api";
import { sentence } from "@/lib/errors";
import { ApiError } from "@/lib/http";
import { useAgainAndAgain } from "@/lib/live";

const LOOK_MS = 3000;
const LONGEST_MS = 60_000;

/** Why there is nothing to see, and there won't be by asking again: signed out, no operator, or shown elsewhere. */
export type Closed = { code: string; words: string };

/** How the service is, looked at again and again while the page is. */
export function useOperations() {
  const failures = useRef(0);
  const [overview, setOverview] = useState<Overview | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [closed, setClosed] = useState<Closed | null>(null);

  const reload = useAgainAndAgain(async () => {
    try {
      setOverview(await operations());
      failures.current = 0;
      setProblem(null);
      setClosed(null);
      return LOOK_MS;
    } catch (error) {
      if (isFinal(error)) {
        setClosed({ code: error.code, words: error.message });
        return null;
      }
      failures.current += 1;
      setProblem(sentence(error));
      return Math.min(LOOK_MS * 2 ** failures.current, LONGEST_MS);
    }
  });
  return { overview, problem, closed, reload };
}

function isFinal(error: unknown): error is ApiError {
  return error instanceof ApiError && [401, 403, 501].includes(error.status);
}
