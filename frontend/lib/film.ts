/** What can be told of a chosen file before a byte of it goes out. */

import { bytes } from "./words";

const ENDINGS = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|ts|mts|m2ts|flv|3gp|3g2|vob)$/i;
// Browsers take these for videos, too.
const STRANGE = /\.(og[gv]|wmv|asf|mxf)$/i;

/** What the file dialog offers. */
export const ACCEPT = "video/*,.mkv,.mts,.m2ts,.avi,.flv,.ts";

/** Why this file can't be uploaded, or null. */
export function refusalOf(file: File, maxBytes: number): string | null {
  if (!looksLikeVideo(file)) {
    return "This is not a video that can be shown. Choose an MP4, MOV, MKV, WebM, AVI, FLV or MPEG film.";
  }
  if (file.size === 0) return "This file is empty.";
  if (file.size > maxBytes) return `This file has ${bytes(file.size)}; at most ${bytes(maxBytes)} can be uploaded.`;
  return null;
}

function looksLikeVideo({ name, type }: File): boolean {
  if (STRANGE.test(name)) return false;
  return type.startsWith("video/") || (ENDINGS.test(name) && ["", "application/octet-stream"].includes(type));
}

/** "IMG_2041 beach.mov" as a title: "IMG 2041 beach". */
export function titleOf(file: File): string {
  const plain = file.name.replace(/\.[^.]{1,5}$/, "").replace(/_+/g, " ").trim();
  return (plain || "Untitled").slice(0, 200);
}
