/** What signed-in people do with their account, against Cognito or the local identity alike. Import it lazily: it is large. */

import { deleteUser, fetchAuthSession, updatePassword, updateUserAttributes } from "aws-amplify/auth";

import { announceName, removeAll } from "./api";
import { prepare, signOut } from "./auth";
import { here, siteConfig } from "./config";
import { sentence, Unreachable } from "./errors";
import { sessionChanged } from "./session";

/** From now on others see this name, also beside the videos that are there already. */
export async function rename(name: string): Promise<void> {
  await asked(() => updateUserAttributes({ userAttributes: { name } }));
  // Cognito tells nobody; where the accounts do, twice does no harm.
  await announceName();
  // The name that the site shows stands in the token.
  await asked(() => fetchAuthSession({ forceRefresh: true }));
  sessionChanged();
}

/** A new password; refused unless the old one is right. */
export async function changePassword(oldPassword: string, newPassword: string): Promise<void> {
  await asked(() => updatePassword({ oldPassword, newPassword }));
}

/** The account and all its videos go; these first, as nobody could delete them afterwards. */
export async function deleteAccount(): Promise<void> {
  await removeAll();
  await asked(() => deleteUser()).catch((error: unknown) => {
    throw new Error(`Your videos are gone, but your account is still there. ${sentence(error)}`);
  });
}

/** End all sessions of this user. Amplify's own way doesn't tell whether the service did it. */
export async function signOutEverywhere(): Promise<void> {
  await asked(async () => {
    const { tokens } = await fetchAuthSession();
    const response = await fetch(await serviceAddress(), {
      method: "POST",
      headers: { "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AWSCognitoIdentityProviderService.GlobalSignOut" },
      body: JSON.stringify({ AccessToken: tokens?.accessToken.toString() }),
    });
    if (!response.ok) throw await refusal(response);
  });
  await signOut();
}

async function serviceAddress(): Promise<string> {
  const { userPoolId, userPoolEndpoint } = await siteConfig();
  const region = userPoolId?.split("_")[0];
  const suffix = region?.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return (await here(userPoolEndpoint)) ?? `https://cognito-idp.${region}.${suffix}/`;
}

async function refusal(response: Response): Promise<Error> {
  const { __type = "", message = "" } = await response.json().catch(() => ({}));
  return Object.assign(new Error(message), { name: __type });
}

/** Asks the service; a refusal is told in a person's words, and ends a session that the service has ended. */
async function asked(request: () => Promise<unknown>): Promise<void> {
  await prepare();
  try {
    await request();
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error();
    if (hasEnded(name, message)) await signOut();
    throw inWords(name, message);
  }
}

const TOO_OFTEN = new Set(["LimitExceededException", "TooManyRequestsException"]);
const UNHEARD = new Set(["NetworkError", "TypeError", "Unknown", ""]);
const WRONG_PASSWORD = "Incorrect username or password.";
const TOO_MANY_TRIES = "Password attempts exceeded";

function hasEnded(name: string, message: string): boolean {
  return name === "UserUnAuthenticatedException" || (name === "NotAuthorizedException" && message !== WRONG_PASSWORD && message !== TOO_MANY_TRIES);
}

function inWords(name: string, message: string): Error {
  if (message === WRONG_PASSWORD) return new Error("That is not your old password.");
  if (message === TOO_MANY_TRIES || TOO_OFTEN.has(name)) return new Error("That was tried too often. Wait a quarter of an hour, then try again.");
  if (name === "InvalidPasswordException") return new Error(`The new password is too weak: ${message.replace(/^.*: /, "")}.`);
  if (hasEnded(name, message)) return new Error("Your session has ended. Sign in again.");
  if (UNHEARD.has(name)) return new Unreachable();
  return new Error(message);
}
