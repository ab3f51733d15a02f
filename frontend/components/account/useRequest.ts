"use client";

import { useState, type FormEvent } from "react";

import { sentence } from "@/lib/errors";

/** Something that a form asks of the service: whether it is under way, was done, or why not. */
export function useRequest(request: () => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const begin = async (): Promise<void> => {
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
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void begin();
  };
  return { busy, done, problem, submit };
}
