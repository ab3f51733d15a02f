"use client";

import { useState } from "react";

import type { User } from "@/lib/session";

import { Outcome } from "./Outcome";
import { TextField } from "./TextField";
import { useRequest } from "./useRequest";

/** Who somebody is: their address, and the name that others see beside their videos. */
export function NameForm({ user }: { user: User }) {
  const [name, setName] = useState(user.name === user.email ? "" : user.name);
  const { submit, ...request } = useRequest(async () => {
    const { rename } = await import("@/lib/account");
    await rename(name.trim());
  });
  return (
    <form className="flex flex-col gap-3" onSubmit={submit}>
      {user.email ? (
        <p className="break-words">
          <span className="block text-sm font-medium">Email</span>
          {user.email}
        </p>
      ) : null}
      <TextField label="Name" hint="Others see it beside your videos." value={name} onChange={setName} autoComplete="name" maxLength={100} pattern=".*\S.*" title="A name is more than blanks" />
      <Outcome {...request} words="Saved. It takes a moment until all your videos show it.">
        Save name
      </Outcome>
    </form>
  );
}
