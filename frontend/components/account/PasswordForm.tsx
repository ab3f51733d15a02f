"use client";

import { useState } from "react";

import { Outcome } from "./Outcome";
import { TextField } from "./TextField";
import { useRequest } from "./useRequest";

const EMPTY = { old: "", proposed: "" };

/** A new password for who knows the old one. */
export function PasswordForm({ email }: { email: string | undefined }) {
  const [passwords, setPasswords] = useState(EMPTY);
  const [shown, setShown] = useState(false);
  const type = shown ? "text" : "password";
  const { submit, ...request } = useRequest(async () => {
    const { changePassword } = await import("@/lib/account");
    await changePassword(passwords.old, passwords.proposed);
    setPasswords(EMPTY);
  });
  return (
    <form className="flex flex-col gap-3" onSubmit={submit}>
      {/* Password managers look here for whose password it is. */}
      <input type="text" name="username" autoComplete="username" value={email ?? ""} readOnly hidden />
      <TextField label="Old password" type={type} autoComplete="current-password" value={passwords.old} onChange={(old) => setPasswords({ ...passwords, old })} />
      <TextField
        label="New password"
        hint="At least 8 characters: small and capital letters, and a digit."
        type={type}
        autoComplete="new-password"
        minLength={8}
        maxLength={256}
        pattern="\S.*\S"
        title="No blank at its beginning or end"
        value={passwords.proposed}
        onChange={(proposed) => setPasswords({ ...passwords, proposed })}
      />
      <ShowThem shown={shown} onChange={setShown} />
      <Outcome {...request} words="Your password is changed.">
        Change password
      </Outcome>
    </form>
  );
}

function ShowThem({ shown, onChange }: { shown: boolean; onChange: (shown: boolean) => void }) {
  return (
    <label className="flex min-h-11 items-center gap-2 self-start">
      <input type="checkbox" className="size-5 accent-accent" checked={shown} onChange={(event) => onChange(event.target.checked)} />
      Show what I type
    </label>
  );
}
