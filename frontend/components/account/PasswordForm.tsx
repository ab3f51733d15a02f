"use client";

import { useId, useState, type SubmitEvent } from "react";

import { sentence } from "@/lib/errors";

import { Problem } from "../Notice";

/** Another password, for whoever knows the present one. */
export function PasswordForm({ email }: { email: string }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [changed, setChanged] = useState(false);
  const save = async (form: HTMLFormElement) => {
    const [old, chosen] = ["old", "new"].map((name) => String(new FormData(form).get(name)));
    setBusy(true);
    setProblem(null);
    setChanged(false);
    try {
      const { changePassword } = await import("@/lib/auth");
      await changePassword(old!, chosen!);
      form.reset();
      setChanged(true);
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event: SubmitEvent<HTMLFormElement>) => {
        event.preventDefault();
        void save(event.currentTarget);
      }}
    >
      {/* For password managers, which keep a password by its account. */}
      <input type="email" autoComplete="username" value={email} readOnly hidden />
      <Password name="old" label="Current password" complete="current-password" />
      <Password name="new" label="New password" complete="new-password" />
      {problem ? <Problem>{problem}</Problem> : null}
      <p role="status" className="text-good empty:hidden">
        {changed ? "Your password is changed." : null}
      </p>
      <button type="submit" className="button self-start" disabled={busy}>
        Change password
      </button>
    </form>
  );
}

function Password({ name, label, complete }: { name: string; label: string; complete: string }) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      <input id={id} name={name} type="password" required maxLength={256} autoComplete={complete} className="field min-h-11" />
    </div>
  );
}
