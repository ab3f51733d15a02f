"use client";

import { Authenticator, useAuthenticator } from "@aws-amplify/ui-react";
import "@aws-amplify/ui-react/styles.css";
import { useEffect, useState } from "react";

import { here, siteConfig } from "@/lib/config";
import { sessionChanged } from "@/lib/session";

import "./sign-in.css";

const FORM_FIELDS = {
  signUp: {
    name: { label: "Name", placeholder: "How others see you", order: 1, isRequired: true, autocomplete: "name" },
    email: { order: 2 },
    password: { order: 3 },
    confirm_password: { order: 4 },
  },
};

/** Sign in, sign up, confirm, forgotten password. */
export function SignIn() {
  return (
    <div className="py-4 sm:py-8">
      <Authenticator
        loginMechanisms={["email"]}
        signUpAttributes={["name"]}
        formFields={FORM_FIELDS}
        components={{
          ConfirmSignUp: { Footer: OutboxHint },
          ConfirmResetPassword: { Footer: OutboxHint },
          VerifyUser: { Footer: OutboxHint },
        }}
      >
        {() => <Leave />}
      </Authenticator>
    </div>
  );
}

/** Back to where the sign-in was asked for. */
function Leave() {
  useEffect(() => {
    sessionChanged();
    location.replace(next());
  }, []);
  return <p className="text-center">You are signed in …</p>;
}

/** Only an address of this site, whatever the link said. */
function next(): string {
  const wanted = new URLSearchParams(location.search).get("next") ?? "/upload/";
  const address = URL.canParse(wanted, location.origin) ? new URL(wanted, location.origin) : null;
  const ours = address?.origin === location.origin && !address.pathname.startsWith("/sign-in");
  return ours ? address.pathname + address.search : "/";
}

/** Where no mail is sent, the code is a click away instead. */
function OutboxHint() {
  const [outbox, setOutbox] = useState<string | null>(null);
  const { username, isPending } = useAuthenticator((context) => [context.username, context.isPending]);
  useEffect(() => {
    siteConfig()
      .then((config) => setOutbox(config.outboxUrl))
      .catch(() => setOutbox(null));
  }, []);
  if (!outbox) return null;
  return (
    <div className="mx-8 mb-8 rounded-lg bg-sunken p-3 text-sm">
      <p>This Sluice sends no mail; its codes wait in the outbox of this machine.</p>
      {/* After every step a code may be there that is newer than the one shown. */}
      <NewestCode key={String(isPending)} outbox={outbox} username={username} />
    </div>
  );
}

type Letter = { to: string; code: string };

/** The newest code for this address, looked up when asked for; null where there is none. */
function NewestCode({ outbox, username }: { outbox: string; username: string }) {
  const [code, setCode] = useState<string | null | undefined>(undefined);
  const [hidden, setHidden] = useState(false);
  // The outbox writes addresses in small letters, as the accounts do.
  const own = (letter: Letter) => !username || letter.to === username.trim().toLowerCase();
  const look = () =>
    here(`${outbox}.json`)
      .then((address) => fetch(address, { cache: "no-store" }))
      .then((response) => response.json())
      .then((letters: Letter[]) => setCode(letters.find(own)?.code ?? null))
      .catch(() => setHidden(true));
  if (hidden) {
    return (
      <a href={outbox} target="_blank" rel="noopener" className="link mt-2 block">
        Open the outbox
      </a>
    );
  }
  return (
    <>
      <output className="mt-2 block empty:hidden">
        {code ? (
          <>
            Your code: <strong className="text-lg tracking-widest select-all">{code}</strong>
          </>
        ) : null}
        {code === null ? `There is none for ${username || "you"} yet.` : null}
      </output>
      <button type="button" className="button button-quiet mt-2" onClick={() => void look()}>
        {code === undefined ? "Show my code" : "Look again"}
      </button>
    </>
  );
}
