"use client";

import { useId } from "react";

import type { Visibility } from "@/lib/api";

export type Fields = { title: string; description: string; visibility: Visibility };

const VISIBILITIES: [Visibility, string][] = [
  ["public", "Public: everybody can find and watch it"],
  ["unlisted", "Unlisted: everybody who has the link"],
  ["private", "Private: only you"],
];

/** What an owner says about a video. */
export function VideoFields({ value, onChange }: { value: Fields; onChange: (value: Fields) => void }) {
  const id = useId();
  return (
    <div className="flex flex-col gap-3">
      <div>
        <label htmlFor={`${id}-title`} className="mb-1 block text-sm font-medium">
          Title
        </label>
        <input id={`${id}-title`} required maxLength={200} className="field" value={value.title} onChange={(event) => onChange({ ...value, title: event.target.value })} />
      </div>
      <div>
        <label htmlFor={`${id}-description`} className="mb-1 block text-sm font-medium">
          Description
        </label>
        <textarea id={`${id}-description`} rows={3} maxLength={5000} className="field" value={value.description} onChange={(event) => onChange({ ...value, description: event.target.value })} />
      </div>
      <div>
        <label htmlFor={`${id}-visibility`} className="mb-1 block text-sm font-medium">
          Who can watch it
        </label>
        <select id={`${id}-visibility`} className="field min-h-11" value={value.visibility} onChange={(event) => onChange({ ...value, visibility: event.target.value as Visibility })}>
          {VISIBILITIES.map(([visibility, words]) => (
            <option key={visibility} value={visibility}>
              {words}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}
