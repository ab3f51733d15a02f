"use client";

import { useEffect, useState } from "react";

import { ownVideos } from "@/lib/api";
import type { User } from "@/lib/session";

import { Dialog } from "../Dialog";
import { Problem } from "../Notice";
import { SiteLink } from "../SiteLink";
import { TextField } from "./TextField";
import { useRequest } from "./useRequest";

type Props = { user: User; onClose: () => void; onDeleted: () => void };

/** Says what goes and what stays, and asks, before an account is deleted for good. */
export function DeleteAccountDialog({ user, onClose, onDeleted }: Props) {
  const [typed, setTyped] = useState("");
  const word = user.email ?? user.name;
  const sure = typed.trim().toLowerCase() === word.toLowerCase();
  const { busy, problem, submit } = useRequest(async () => {
    const { deleteAccount } = await import("@/lib/account");
    await deleteAccount();
    onDeleted();
  });
  return (
    <Dialog title="Delete your account?" onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={submit}>
        <Consequences />
        <TextField label={`To go on, type ${word}`} autoComplete="off" autoCapitalize="none" spellCheck={false} value={typed} onChange={setTyped} />
        {problem ? <Problem>{problem}</Problem> : null}
        <div className="flex flex-wrap justify-end gap-2">
          <button type="button" className="button button-quiet" onClick={onClose}>
            Keep my account
          </button>
          <button type="submit" className="button button-danger" disabled={busy || !sure}>
            {busy ? "Deleting …" : "Delete my account"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Consequences() {
  const goes = useWhatGoes();
  return (
    <div className="flex flex-col gap-2 break-words">
      <p>
        <strong>What goes</strong>, for good: {goes} Links to videos of yours, and players that show them on other pages, stop working.
      </p>
      <p>
        <strong>What stays</strong>: copies that others have made, and for a while the backups of whoever runs this service.
      </p>
      <p>
        Look through{" "}
        <SiteLink href="/library/" className="link">
          My videos
        </SiteLink>{" "}
        first, if there is something to keep.
      </p>
    </div>
  );
}

const COUNTED = 50;

/** What goes with the account, as far as one page of its videos tells. */
function useWhatGoes(): string {
  const [words, setWords] = useState(inWords("all your videos", "them"));
  useEffect(() => {
    ownVideos(null, null, COUNTED)
      .then(({ body }) => setWords(counted(body.items.length, body.nextCursor !== null)))
      // That all of them go stays true.
      .catch(() => undefined);
  }, []);
  return words;
}

function counted(count: number, more: boolean): string {
  if (more) return inWords(`all your videos, which are more than ${count}`, "them");
  if (count === 0) return "your account. You have no videos.";
  return count === 1 ? inWords("your one video", "it") : inWords(`all your ${count} videos`, "them");
}

const inWords = (videos: string, them: string) => `your account and ${videos}, with everything that belongs to ${them}.`;
