"use client";

import { useAuthenticator } from "@aws-amplify/ui-react";
import { useEffect, useState } from "react";

import { here, siteConfig } from "@/lib/config";

/** Where no mail is sent, the code is a click away instead. */
export function OutboxHint() {
  const [outbox, setOutbox] = useState<string | null>(null);
  const { username, unverifiedUserAttributes, isPending } = useAuthenticator((context) => [
    context.username,
    context.unverifiedUserAttributes,
    context.isPending,
  ]);
  // Who changed their address signs in by the old one, and the code goes to the new one.
  const address = unverifiedUserAttributes?.email ?? username;
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
      <NewestCode key={String(isPending)} outbox={outbox} address={address} />
    </div>
  );
}

type Letter = { to: string; code: string };

/** The newest code for this address, looked up when asked for; null where there is none. */
function NewestCode({ outbox, address }: { outbox: string; address: string }) {
  const [code, setCode] = useState<string | null | undefined>(undefined);
  const [hidden, setHidden] = useState(false);
  // The outbox writes addresses in small letters, as the accounts do.
  const own = (letter: Letter) => !address || letter.to === address.trim().toLowerCase();
  const look = () =>
    here(`${outbox}.json`)
      .then((url) => fetch(url, { cache: "no-store" }))
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
        {code === null ? `There is none for ${address || "you"} yet.` : null}
      </output>
      <button type="button" className="button button-quiet mt-2" onClick={() => void look()}>
        {code === undefined ? "Show my code" : "Look again"}
      </button>
    </>
  );
}
