/** The failures after which the same file may fare better; each detail itself tells its owner what to do. */
const PASSING = new Set([
  "daily_limit",
  "encode_canceled",
  "encode_failed",
  "encode_lost",
  "encode_timeout",
  "encoder_denied",
  "no_space",
  "not_processed",
  "output_incomplete",
  "source_replaced",
  "stored_minutes_limit",
]);

/** Whether another try of the same file can help. */
export function worthRetrying(code: string | undefined): boolean {
  return PASSING.has(code ?? "");
}
