import type { ReactNode } from "react";

import { Icon, type IconName } from "./Icon";

/** A page's answer in the middle of it: what is the matter, and what to do about it. */
export function BigNotice({ icon, title, children }: { icon: IconName; title: string; children?: ReactNode }) {
  return (
    <section className="mx-auto flex max-w-lg flex-col items-center gap-4 px-2 py-16 text-center sm:py-24">
      <span className="grid size-16 place-items-center rounded-full bg-sunken text-accent">
        <Icon name={icon} className="size-8" />
      </span>
      <h1>{title}</h1>
      <div className="flex flex-col items-center gap-4 text-faint text-pretty">{children}</div>
    </section>
  );
}

/** A problem beside what it concerns; screen readers say it when it appears. */
export function Problem({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 rounded-lg bg-danger-ground px-3 py-2 text-danger">
      <Icon name="alert" />
      <div className="min-w-0 flex-1 basis-40 break-words">{children}</div>
      {action}
    </div>
  );
}
