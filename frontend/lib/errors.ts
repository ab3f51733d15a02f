/** Nobody answered: the connection is gone or the service is down. */
export class Unreachable extends Error {
  constructor() {
    super("The service can’t be reached. Check your connection and try again.");
    this.name = "Unreachable";
  }
}

/** The sentence that tells a person what went wrong. */
export function sentence(error: unknown): string {
  return error instanceof Error && error.message ? error.message : "Something went wrong. Try again.";
}
