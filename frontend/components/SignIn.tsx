"use client";

import { Authenticator } from "@aws-amplify/ui-react";
import "@aws-amplify/ui-react/styles.css";
import { useEffect } from "react";

import { sessionChanged } from "@/lib/session";

import { Done, STEPS } from "./SignInSteps";
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
      <Authenticator.Provider>
        <Done />
        <Authenticator loginMechanisms={["email"]} signUpAttributes={["name"]} formFields={FORM_FIELDS} components={STEPS}>
          {() => <Leave />}
        </Authenticator>
      </Authenticator.Provider>
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
