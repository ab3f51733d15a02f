/** Nobody answered: the connection is gone or the service is down. */
export class Unreachable extends Error {
  constructor() {
    super("The service can’t be reached. Check your connection and try again.");
    this.name = "Unreachable";
  }
}

const TOO_SLOW = 408;
const TOO_OFTEN = 429;
const NO_SPACE = 507;

/** Whether another answer may come in a moment, without anybody's doing; 0 stands for none at all. */
export function mayPass(status: number): boolean {
  return status === 0 || status === TOO_SLOW || status === TOO_OFTEN || (status >= 500 && status !== NO_SPACE);
}

/** The sentence that tells a person what went wrong. */
export function sentence(error: unknown): string {
  return error instanceof Error && error.message ? error.message : "Something went wrong. Try again.";
}
