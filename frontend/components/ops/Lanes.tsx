import type { Overview } from "@/lib/api";
import { about, bytes } from "@/lib/words";

import { Cell, Section, Table } from "./Section";

const STATES = ["pending", "processing", "done", "failed", "gone"];

/** How many videos there are by state, and the room on the disk. */
export function Totals({ overview }: { overview: Overview }) {
  const { videos, freeBytes, sizeBytes } = overview;
  const counted = STATES.filter((state) => videos[state]).map((state) => `${videos[state]} ${state}`);
  return (
    <p className="text-faint">
      {counted.length ? `Videos: ${counted.join(", ")}` : "No videos yet"} · {bytes(freeBytes)} of {bytes(sizeBytes)} free
    </p>
  );
}

/** The lanes: what waits in them, and for how long. */
export function Lanes({ lanes }: { lanes: Overview["lanes"] }) {
  return (
    <Section title="Queues">
      <Table title="Queues" heads={["Lane", "Waiting", "Later", "Worked on", "Dead", "Oldest"]}>
        {lanes.map((lane) => (
          <tr key={lane.name}>
            <th scope="row" className="px-3 py-2 text-left font-medium">
              {lane.name}
            </th>
            <Cell>{lane.waiting}</Cell>
            <Cell>{lane.later}</Cell>
            <Cell>{lane.leased}</Cell>
            <Cell>{lane.dead ? <span className="font-semibold text-danger">{lane.dead}</span> : 0}</Cell>
            <Cell>{lane.oldestSeconds === null ? "–" : about(lane.oldestSeconds)}</Cell>
          </tr>
        ))}
      </Table>
    </Section>
  );
}

/** The processes that work, and on what. */
export function Workers({ workers }: { workers: Overview["workers"] }) {
  return (
    <Section title="Workers" empty={workers.length === 0 && "Nobody works. Is `sluice run` running?"}>
      <Table title="Workers" heads={["Process", "Lanes", "Working on"]}>
        {workers.map((worker) => (
          <tr key={worker.pid}>
            <th scope="row" className="px-3 py-2 text-left font-medium">
              {worker.pid}
            </th>
            <Cell>{worker.lanes.join(", ")}</Cell>
            <Cell>{worker.busy || "–"}</Cell>
          </tr>
        ))}
      </Table>
    </Section>
  );
}
