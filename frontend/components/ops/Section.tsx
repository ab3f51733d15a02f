import { useId, type ReactNode } from "react";

/** A part of the page under a heading; `empty` says that there is nothing in it. */
export function Section({ title, empty, children }: { title: string; empty?: string | false; children: ReactNode }) {
  const heading = useId();
  return (
    <section aria-labelledby={heading} className="flex flex-col gap-2">
      <h2 id={heading} className="text-lg font-semibold">
        {title}
      </h2>
      {empty ? <p className="text-faint">{empty}</p> : children}
    </section>
  );
}

/** A table that scrolls by itself where the window is too narrow for it. */
export function Table({ title, heads, children }: { title: string; heads: string[]; children: ReactNode }) {
  return (
    <div role="region" aria-label={title} tabIndex={0} className="card overflow-x-auto">
      <table className="w-full text-sm tabular-nums">
        <thead className="text-left text-faint">
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col" className="px-3 py-2 font-medium whitespace-nowrap">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line border-t border-line">{children}</tbody>
      </table>
    </div>
  );
}

/** One cell of such a table. */
export function Cell({ children }: { children: ReactNode }) {
  return <td className="px-3 py-2 whitespace-nowrap">{children}</td>;
}
