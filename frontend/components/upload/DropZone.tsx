"use client";

import { useEffect, useRef, useState, type DragEvent } from "react";

import { ACCEPT } from "@/lib/film";
import { bytes } from "@/lib/words";

import { Icon } from "../Icon";

type Props = { maxBytes: number | null; small: boolean; disabled: boolean; onChoose: (files: Iterable<File>) => void };

/** Takes files by drop or by the system's dialog. */
export function DropZone({ maxBytes, small, disabled, onChoose }: Props) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const take = (files: FileList | null) => {
    if (files?.length) onChoose(Array.from(files));
    // So that the same file can be chosen again.
    if (input.current) input.current.value = "";
  };
  const early = useRef(take);
  useEffect(() => {
    // Somebody was quicker than the page.
    if (!disabled) early.current(input.current?.files ?? null);
  }, [disabled]);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (!disabled) onChoose(event.dataTransfer.files);
  };
  return (
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={`flex flex-col items-center gap-3 rounded-xl border-2 border-dashed p-6 text-center ${small ? "" : "sm:py-20"} ${over ? "border-accent bg-sunken" : "border-line bg-raised"}`}
    >
      {small ? null : <Icon name="upload" className="size-10 text-accent" />}
      <p className="font-medium">{small ? "Drop more videos here" : "Drop videos here"}</p>
      <button type="button" disabled={disabled} className={`button ${small ? "button-quiet" : ""}`} onClick={() => input.current?.click()}>
        {small ? "Choose more files" : "Choose files"}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        accept={ACCEPT}
        aria-label="Video files"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => take(event.target.files)}
      />
      <p className="min-h-5 text-sm text-faint">{maxBytes ? `MP4, MOV, MKV, WebM, AVI, FLV or MPEG, up to ${bytes(maxBytes)} each` : ""}</p>
    </div>
  );
}
