/** Signing in and out, by Amplify, against Cognito or the local identity alike. Import it lazily: it is large. */

import { Amplify } from "aws-amplify";
import { fetchAuthSession, signOut as amplifySignOut } from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import { CookieStorage, Hub } from "aws-amplify/utils";

import { here, siteConfig } from "./config";
import { sessionChanged } from "./session";

let prepared: Promise<void> | null = null;

/** Amplify, set up for this home; it throws where the accounts are kept by something else than Cognito. */
export function prepare(): Promise<void> {
  prepared ??= setUp();
  prepared.catch(() => (prepared = null));
  return prepared;
}

async function setUp(): Promise<void> {
  const { userPoolId, userPoolClientId, userPoolEndpoint } = await siteConfig();
  if (!userPoolId) throw new Error("The accounts of this service are kept elsewhere; sign in there.");
  const endpoint = await here(userPoolEndpoint);
  const Cognito = { userPoolId, userPoolClientId, userPoolEndpoint: endpoint ?? undefined, loginWith: { email: true } };
  Amplify.configure({ Auth: { Cognito } });
  const secure = location.protocol === "https:";
  cognitoUserPoolsTokenProvider.setKeyValueStorage(new CookieStorage({ sameSite: "strict", secure, path: "/" }));
  Hub.listen("auth", () => sessionChanged());
}

/**
 * A fresh access token by the refresh token, even `forced`, where the old one still looks good; null if it is no longer
 * accepted. Throws where nobody could tell.
 */
export async function renewedToken(forced: boolean): Promise<string | null> {
  await prepare();
  const { tokens } = await fetchAuthSession({ forceRefresh: forced }).finally(sessionChanged);
  return tokens?.accessToken.toString() ?? null;
}

/** Forget this user here, and the refresh token at the service. */
export async function signOut(): Promise<void> {
  await prepare();
  await amplifySignOut().catch(() => undefined);
  sessionChanged();
}
