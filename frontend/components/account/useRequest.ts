"use client";

import { useState } from "react";

import { sentence } from "@/lib/errors";

/** Something that is asked of the service: whether it is under way, was done, or why not. */
export function useRequest() {
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const begin = async (request: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setDone(false);
    setProblem(null);
    try {
      await request();
      setDone(true);
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  return { busy, done, problem, begin };
}
