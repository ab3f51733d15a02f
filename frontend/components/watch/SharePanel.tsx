"use client";

import { useState } from "react";

import type { Video } from "@/lib/api";

import { CopyButton } from "../CopyButton";
import { Dialog } from "../Dialog";
import { Icon } from "../Icon";

/** Ways to pass a video on. */
export function SharePanel({ video }: { video: Video }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <CopyButton label="Copy link" text={() => `${location.origin}/watch/?v=${video.id}`} />
      <button type="button" className="button button-quiet" onClick={() => setOpen(true)}>
        <Icon name="film" />
        Embed
      </button>
      {open ? <EmbedDialog video={video} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function EmbedDialog({ video, onClose }: { video: Video; onClose: () => void }) {
  const code = embedCode(video);
  return (
    <Dialog title="Embed this video" onClose={onClose}>
      <label className="mb-4 block">
        <span className="mb-1 block text-sm text-faint">Put this into your page</span>
        <textarea readOnly rows={5} value={code} className="field font-mono text-sm" onFocus={(event) => event.currentTarget.select()} />
      </label>
      <CopyButton label="Copy the code" text={code} />
    </Dialog>
  );
}

const WIDTH = 640;

function embedCode(video: Video): string {
  const height = Math.round((WIDTH * (video.height ?? 9)) / (video.width ?? 16));
  const frame = document.createElement("iframe");
  frame.src = `${location.origin}/embed/?v=${video.id}`;
  frame.width = String(WIDTH);
  frame.height = String(height);
  frame.title = video.title;
  frame.allow = "autoplay; fullscreen; picture-in-picture";
  frame.allowFullscreen = true;
  frame.style.border = "0";
  // The browser's own serializer quotes whatever the title holds.
  return frame.outerHTML;
}
