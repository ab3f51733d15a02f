"use client";

import dynamic from "next/dynamic";
import type { ReactNode } from "react";

import type { Video } from "@/lib/api";

/** The player, fetched where it is used: it is larger than the rest of the site. */
export const LazyPlayer = dynamic(() => import("./Player").then((found) => found.Player), { ssr: false });

/** The room that the player will take, before it is there: the video's own shape, never taller than the window. */
export function PlayerPlace({ video, children }: { video: Video; children: ReactNode }) {
  const shape = `${video.width ?? 16} / ${video.height ?? 9}`;
  return (
    <div className="grid w-full place-items-center overflow-hidden rounded-xl bg-black">
      <div className="relative max-h-[min(80dvh,56rem)] min-h-44 w-full" style={{ aspectRatio: shape }}>
        {children}
      </div>
    </div>
  );
}
