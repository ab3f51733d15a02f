"use client";

import { useEffect, useState, type ReactNode } from "react";

import { useSession, type User } from "@/lib/session";

import { BigNotice } from "../Notice";
import { SignInFirst } from "../SignInFirst";
import { SiteLink } from "../SiteLink";
import { DeleteAccountDialog } from "./DeleteAccountDialog";
import { NameForm } from "./NameForm";
import { PasswordForm } from "./PasswordForm";
import { SignOutEverywhere } from "./SignOutEverywhere";

/** The signed-in user's own account. */
export function Account() {
  const session = useSession();
  const [deleted, setDeleted] = useState(false);
  if (deleted) return <Deleted />;
  if (session === null) return <SignInFirst>Sign in to see your account.</SignInFirst>;
  return session ? <OwnAccount key={session.id} user={session} onDeleted={() => setDeleted(true)} /> : <Skeleton />;
}

function OwnAccount({ user, onDeleted }: { user: User; onDeleted: () => void }) {
  const [deleting, setDeleting] = useState(false);
  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-4">
      <h1>Account</h1>
      <Part title="You">
        <NameForm user={user} />
      </Part>
      <Part title="Password">
        <PasswordForm email={user.email} />
      </Part>
      <Part title="Sessions">
        <SignOutEverywhere />
      </Part>
      <Part title="Delete this account">
        <p className="mb-3">It goes for good, and your videos with it.</p>
        <button type="button" className="button button-danger" onClick={() => setDeleting(true)}>
          Delete my account …
        </button>
      </Part>
      {deleting ? <DeleteAccountDialog user={user} onClose={() => setDeleting(false)} onDeleted={onDeleted} /> : null}
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="card p-4 sm:p-5">
      <h2 className="mb-3 text-lg font-semibold">{title}</h2>
      {children}
    </section>
  );
}

function Deleted() {
  // What had the focus is gone.
  useEffect(() => document.getElementById("content")?.focus(), []);
  return (
    <BigNotice icon="check" title="Your account is deleted">
      <p>Your videos are gone, too. You can sign up again whenever you like, as somebody new.</p>
      <SiteLink href="/" className="button">
        To the home page
      </SiteLink>
    </BigNotice>
  );
}

function Skeleton() {
  return (
    <div aria-busy className="mx-auto flex max-w-2xl flex-col gap-4">
      <h1>Account</h1>
      <div className="skeleton h-52" />
      <div className="skeleton h-64" />
    </div>
  );
}
