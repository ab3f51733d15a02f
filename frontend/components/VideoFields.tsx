"use client";

import { useId } from "react";

import type { Visibility } from "@/lib/api";

export type Fields = { title: string; description: string; visibility: Visibility };

const VISIBILITIES: [Visibility, string][] = [
  ["public", "Public: everybody can find and watch it"],
  ["unlisted", "Unlisted: everybody who has the link"],
  ["private", "Private: only you"],
];

type Props = { value: Fields; onChange: (value: Fields) => void; goesPublic?: boolean };

/** What an owner says about a video; who can watch one that is about to go public by itself can't be chosen. */
export function VideoFields({ value, onChange, goesPublic = false }: Props) {
  const id = useId();
  return (
    <div className="flex flex-col gap-3">
      <div>
        <label htmlFor={`${id}-title`} className="mb-1 block text-sm font-medium">
          Title
        </label>
        <input
          id={`${id}-title`}
          required
          pattern=".*\S.*"
          title="A title is more than blanks"
          maxLength={200}
          className="field"
          value={value.title}
          onChange={(event) => onChange({ ...value, title: event.target.value })}
        />
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
        <select
          id={`${id}-visibility`}
          disabled={goesPublic}
          aria-describedby={goesPublic ? `${id}-public` : undefined}
          className="field min-h-11"
          value={value.visibility}
          onChange={(event) => onChange({ ...value, visibility: event.target.value as Visibility })}
        >
          {VISIBILITIES.map(([visibility, words]) => (
            <option key={visibility} value={visibility}>
              {words}
            </option>
          ))}
        </select>
        {goesPublic ? (
          <p id={`${id}-public`} className="mt-1 text-sm text-faint">
            It goes out as public. You can change this once it is there, or cancel it now.
          </p>
        ) : null}
      </div>
    </div>
  );
}
