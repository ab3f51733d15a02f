"use client";

import type { ReactNode } from "react";

import { signInAddress } from "@/lib/session";

import { BigNotice } from "./Notice";

/** For pages that belong to somebody: the way in, and back to here. */
export function SignInFirst({ children }: { children: ReactNode }) {
  return (
    <BigNotice icon="user" title="Sign in first">
      <p>{children}</p>
      <a href="/sign-in/" onClick={(event) => (event.currentTarget.href = signInAddress())} className="button">
        Sign in or sign up
      </a>
    </BigNotice>
  );
}
