"use client";

import { useState, type ReactNode } from "react";

import { sentence } from "@/lib/errors";
import { useSession, type User } from "@/lib/session";

import { Problem } from "../Notice";
import { SignInFirst } from "../SignInFirst";
import { DeleteAccountDialog } from "./DeleteAccountDialog";
import { PasswordForm } from "./PasswordForm";

/** What the signed-in user can do about their account. */
export function Account() {
  const session = useSession();
  if (session === null) return <SignInFirst>Sign in to see your account.</SignInFirst>;
  return session ? <OwnAccount key={session.id} user={session} /> : <Skeleton />;
}

function OwnAccount({ user }: { user: User }) {
  const [deleting, setDeleting] = useState(false);
  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-4">
      <div>
        <h1>Your account</h1>
        <p className="text-faint break-words">
          {user.name}
          {user.email && user.email !== user.name ? `, ${user.email}` : ""}
        </p>
      </div>
      <Section title="Password">
        <PasswordForm email={user.email} />
      </Section>
      <Section title="Sessions">
        <Everywhere />
      </Section>
      <Section title="Delete your account">
        <p>Your account goes for good, with all your videos. Their links stop working.</p>
        <button type="button" className="button button-danger self-start" onClick={() => setDeleting(true)}>
          Delete my account
        </button>
      </Section>
      {deleting ? <DeleteAccountDialog onClose={() => setDeleting(false)} /> : null}
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="card flex flex-col gap-3 p-4 sm:p-5">
      <h2 className="text-lg font-semibold">{title}</h2>
      {children}
    </section>
  );
}

function Everywhere() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const leave = () => {
    setBusy(true);
    import("@/lib/auth")
      .then(({ signOutEverywhere }) => signOutEverywhere())
      .then(() => location.replace("/"))
      .catch((error: unknown) => {
        setProblem(sentence(error));
        setBusy(false);
      });
  };
  return (
    <>
      <p>Where a device of yours may be in other hands, end every session, this one too. Elsewhere that takes up to an hour.</p>
      {problem ? <Problem>{problem}</Problem> : null}
      <button type="button" className="button button-quiet self-start" disabled={busy} onClick={leave}>
        {busy ? "Signing out …" : "Sign out everywhere"}
      </button>
    </>
  );
}

function Skeleton() {
  return (
    <div aria-busy className="mx-auto flex max-w-2xl flex-col gap-4">
      <h1>Your account</h1>
      <div className="skeleton h-80" />
      <div className="skeleton h-32" />
    </div>
  );
}
