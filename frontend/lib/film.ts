/** What can be told of a chosen file before a byte of it goes out. */

import { bytes } from "./words";

const ENDINGS = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|ts|mts|m2ts|flv|3gp|3g2|ogv|wmv|vob)$/i;

/** What the file dialog offers. */
export const ACCEPT = "video/*,.mkv,.mts,.m2ts,.avi,.flv,.ts";

/** Why this file can't be uploaded, or null. */
export function refusalOf(file: File, maxBytes: number): string | null {
  if (!file.type.startsWith("video/") && !(ENDINGS.test(file.name) && isBinary(file.type))) {
    return "This is not a video. Choose an MP4, MOV, MKV, WebM or another film.";
  }
  if (file.size === 0) return "This file is empty.";
  if (file.size > maxBytes) return `This file has ${bytes(file.size)}; at most ${bytes(maxBytes)} can be uploaded.`;
  return null;
}

function isBinary(type: string): boolean {
  return type === "" || type === "application/octet-stream" || type === "application/ogg";
}

/** "IMG_2041 beach.mov" as a title: "IMG 2041 beach". */
export function titleOf(file: File): string {
  const plain = file.name.replace(/\.[^.]{1,5}$/, "").replace(/_+/g, " ").trim();
  return (plain || "Untitled").slice(0, 200);
}
