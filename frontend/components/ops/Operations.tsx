"use client";

import { useSession } from "@/lib/session";

import { BigNotice, Problem } from "../Notice";
import { SignInFirst } from "../SignInFirst";
import { DeadLetters } from "./DeadLetters";
import { Encodes, Failures } from "./VideoLists";
import { Lanes, Totals, Workers } from "./Lanes";
import { useOperations } from "./useOperations";

/** For operators: how the service is, by itself up to date. */
export function Operations() {
  const session = useSession();
  if (session === null) return <SignInFirst>Sign in as an operator to see how the service is.</SignInFirst>;
  if (session === undefined) return <Skeleton />;
  return session.operator ? <Seen /> : <NotForYou />;
}

function Seen() {
  const { overview, problem, closed, reload } = useOperations();
  if (closed?.code === "unauthenticated") return <SignInFirst>Your session has ended. Sign in again to go on.</SignInFirst>;
  if (closed?.code === "not_operator") return <NotForYou />;
  if (closed) {
    return (
      <BigNotice icon="videos" title="Shown elsewhere">
        <p>{closed.words}</p>
      </BigNotice>
    );
  }
  if (!overview) return problem ? <Problem>{problem}</Problem> : <Skeleton />;
  return (
    <div className="mx-auto flex max-w-5xl flex-col gap-8">
      <div className="flex flex-col gap-2">
        <h1>Operations</h1>
        <Totals overview={overview} />
        {problem ? <Problem>{problem} What stands here is older.</Problem> : null}
      </div>
      <Lanes lanes={overview.lanes} />
      <DeadLetters letters={overview.deadLetters} onChanged={reload} />
      <Encodes encodes={overview.encodes} />
      <Workers workers={overview.workers} />
      <Failures failures={overview.failures} />
    </div>
  );
}

function NotForYou() {
  return (
    <BigNotice icon="lock" title="For operators">
      <p>This page is for those who look after this service. If you have just become one of them, sign out and in again.</p>
    </BigNotice>
  );
}

function Skeleton() {
  return (
    <div aria-busy className="mx-auto flex max-w-5xl flex-col gap-3">
      <h1>Operations</h1>
      <div className="skeleton h-40" />
      <div className="skeleton h-28" />
    </div>
  );
}
