"use client";

import dynamic from "next/dynamic";
import { useEffect, useState } from "react";

import { sentence } from "@/lib/errors";

import { BigNotice } from "./Notice";

const SignIn = dynamic(() => import("./SignIn").then((found) => found.SignIn), { ssr: false, loading: () => <Waiting /> });

/** The sign-in, once Amplify knows which accounts to ask. */
export function SignInDoor() {
  const [ready, setReady] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    import("@/lib/auth")
      .then(({ prepare }) => prepare())
      .then(() => setReady(true))
      .catch((error: unknown) => setProblem(sentence(error)));
  }, []);
  if (problem) {
    return (
      <BigNotice icon="alert" title="You can’t sign in right now">
        <p role="alert">{problem}</p>
      </BigNotice>
    );
  }
  return ready ? <SignIn /> : <Waiting />;
}

function Waiting() {
  return (
    <div aria-busy className="mx-auto max-w-lg py-8">
      <div className="skeleton h-104 w-full" />
      <p className="sr-only">Loading the sign-in</p>
    </div>
  );
}
