"use client";

import { useCallback, useEffect, useRef, useState } from "react";

import { refusalOf, titleOf } from "@/lib/film";

import { Carrier, type Details, type Upload } from "./upload";

const AT_ONCE = 2;
const ACTIVE = ["sending", "publishing"];

/** The chosen files and what can be done with them. */
export function useUploads(maxBytes: number | null) {
  const [uploads, setUploads] = useState<Upload[]>([]);
  const latest = useRef(uploads);
  const carriers = useRef(new Map<string, Carrier>());
  useEffect(() => {
    latest.current = uploads;
  }, [uploads]);

  const tell = useCallback((key: string, news: Partial<Upload>) => {
    setUploads((old) => old.map((one) => (one.key === key ? { ...one, ...news } : one)));
  }, []);

  const choose = useCallback(
    (files: Iterable<File>) => setUploads((old) => [...old, ...Array.from(files, chosen)]),
    [],
  );

  const start = useCallback(
    (key: string) => {
      const detailsNow = () => latest.current.find((one) => one.key === key)!.details;
      const file = latest.current.find((one) => one.key === key)!.file;
      const carrier = carriers.current.get(key) ?? new Carrier(file, detailsNow, (news) => tell(key, news));
      carriers.current.set(key, carrier);
      void carrier.run();
    },
    [tell],
  );

  // Judged here and not when they were chosen: how large they may be is perhaps not known then.
  const judged = uploads.map((one) => (one.phase === "chosen" ? judgedBy(one, maxBytes) : one));
  useQueue(uploads, start);
  const stop = useCallback(() => {
    const all = [...carriers.current.values()];
    carriers.current.clear();
    return Promise.all(all.map((carrier) => carrier.leave()));
  }, []);
  // Whoever leaves was asked before if something would be lost by it.
  useEffect(() => () => void stop(), [stop]);
  useComingBack(uploads, tell);

  const startAll = () =>
    setUploads((old) => old.map((one) => (judgedBy(one, maxBytes).phase === "chosen" ? { ...one, phase: "waiting" } : one)));
  const retry = (key: string) => tell(key, { phase: "waiting", problem: null });
  const change = (key: string, details: Details) =>
    setUploads((old) => old.map((one) => (one.key === key ? { ...one, details: allowed(one, details) } : one)));
  const drop = (key: string) => {
    void carriers.current.get(key)?.cancel();
    carriers.current.delete(key);
    setUploads((old) => old.filter((one) => one.key !== key));
  };
  const forget = (key: string) => {
    carriers.current.delete(key);
    setUploads((old) => old.filter((one) => one.key !== key));
  };
  return { uploads: judged, choose, startAll, retry, change, drop, forget, stop };
}

let counted = 0;

function chosen(file: File): Upload {
  counted += 1;
  return {
    key: `file-${counted}`,
    file,
    details: { title: titleOf(file), description: "", visibility: "public" },
    phase: "chosen",
    sent: null,
    problem: null,
    signedOut: false,
    videoId: null,
    early: false,
    arrived: false,
  };
}

/** What goes out as public stays so until it is published: nobody is told that it is private while it is not. */
function allowed(upload: Upload, details: Details): Details {
  return upload.early ? { ...details, visibility: upload.details.visibility } : details;
}

function judgedBy(upload: Upload, maxBytes: number | null): Upload {
  const problem = refusalOf(upload.file, maxBytes ?? Infinity);
  return problem ? { ...upload, phase: "refused", problem } : upload;
}

/** Starts those that wait, a few at a time. */
function useQueue(uploads: Upload[], start: (key: string) => void) {
  const started = useRef(new Set<string>());
  useEffect(() => {
    const active = uploads.filter((one) => ACTIVE.includes(one.phase)).length;
    for (const one of uploads) if (one.phase !== "waiting") started.current.delete(one.key);
    const waiting = uploads.filter((one) => one.phase === "waiting" && !started.current.has(one.key));
    for (const one of waiting.slice(0, Math.max(0, AT_ONCE - active - started.current.size))) {
      started.current.add(one.key);
      start(one.key);
    }
  }, [uploads, start]);
}

/** What broke while the line was down goes on by itself when it is up again. */
function useComingBack(uploads: Upload[], tell: (key: string, news: Partial<Upload>) => void) {
  useEffect(() => {
    const goOn = () => {
      for (const one of uploads) if (one.phase === "broken" && !one.signedOut) tell(one.key, { phase: "waiting", problem: null });
    };
    window.addEventListener("online", goOn);
    return () => window.removeEventListener("online", goOn);
  }, [uploads, tell]);
}

/** Whether leaving now would lose something. */
export function isUnderWay(uploads: Upload[]): boolean {
  const halfSent = (one: Upload) => one.phase === "broken" && one.videoId !== null && !one.arrived;
  return uploads.some((one) => ACTIVE.includes(one.phase) || one.phase === "waiting" || halfSent(one));
}
