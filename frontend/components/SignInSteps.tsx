"use client";

import { useAuthenticator } from "@aws-amplify/ui-react";
import { useEffect, useRef, useState } from "react";

import { OutboxHint } from "./OutboxHint";

/** What stands below the fields of each step that asks for a code. */
export const STEPS = {
  ConfirmSignUp: { Footer: OutboxHint },
  ConfirmResetPassword: { Footer: OutboxHint },
  ConfirmVerifyUser: { Footer: OutboxHint },
};

const DONE: Record<string, string> = {
  confirmSignUp: "Your account is confirmed. Sign in.",
  confirmResetPassword: "Your password is changed. Sign in.",
};
const BETWEEN_STEPS = ["idle", "setup", "transition"];

/** What the step that led back to the sign-in brought about. */
export function Done() {
  const { route } = useAuthenticator((context) => [context.route]);
  const [steps, setSteps] = useState({ last: "", now: "" });
  const status = useRef<HTMLDivElement>(null);
  if (route !== steps.now && !BETWEEN_STEPS.includes(route)) setSteps({ last: steps.now, now: route });
  const words = steps.now === "signIn" ? DONE[steps.last] : undefined;
  useEffect(() => {
    if (words) status.current?.focus();
  }, [words]);
  return (
    <div ref={status} role="status" tabIndex={-1} className="mx-auto max-w-[30rem] outline-none">
      {words ? <p className="mb-4 rounded-lg bg-sunken px-3 py-2">{words}</p> : null}
    </div>
  );
}
