import type { Metadata } from "next";

import { SignInDoor } from "@/components/SignInDoor";

export const metadata: Metadata = { title: "Sign in" };

export default function SignInPage() {
  return (
    <>
      <h1 className="sr-only">Sign in</h1>
      <SignInDoor />
    </>
  );
}
