import { useState, type ReactNode } from "react";

import { Icon } from "./Icon";

/** A video's picture in a 16:9 frame that is there before the picture is. */
export function Thumbnail({ src, children }: { src: string | null; children?: ReactNode }) {
  const [broken, setBroken] = useState<string | null>(null);
  return (
    <div className="relative grid aspect-video w-full place-items-center overflow-hidden rounded-lg bg-sunken text-faint">
      {src && src !== broken ? (
        <img src={src} alt="" loading="lazy" decoding="async" onError={() => setBroken(src)} className="size-full object-contain" />
      ) : (
        <Icon name="film" className="size-8" />
      )}
      {children}
    </div>
  );
}
