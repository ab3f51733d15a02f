"use client";

import { Outcome } from "./Outcome";
import { useRequest } from "./useRequest";

/** Ends all sessions of the user, this one included. */
export function SignOutEverywhere() {
  const { submit, ...request } = useRequest(async () => {
    const { signOutEverywhere } = await import("@/lib/account");
    await signOutEverywhere();
  });
  return (
    <form className="flex flex-col gap-3" onSubmit={submit}>
      <p>Every device has to sign in again, this one at once, others within an hour.</p>
      <Outcome {...request} words="You are signed out.">
        Sign out everywhere
      </Outcome>
    </form>
  );
}
