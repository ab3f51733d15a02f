/** What an owner can do about a failure, by its stable code. */

const TRY_AGAIN = "Try again; if it fails once more, export the film anew and upload that.";
const OTHER_FILE = "Upload another file: an MP4, MOV, MKV or WebM film that plays on your computer.";

const BY_CODE: Record<string, string> = {
  encode_failed: TRY_AGAIN,
  encode_lost: "Try again; the machine was interrupted.",
  encode_timeout: "Cut it into shorter parts, or try again.",
  encode_canceled: "Try again to start it anew.",
  encoder_denied: "Nothing is wrong with your file. Tell whoever runs this site, then try again.",
  not_processed: "Try again; nothing is wrong with your file.",
  output_incomplete: TRY_AGAIN,
  no_space: "There was no room left on the server. Tell whoever runs it, then try again.",
  source_replaced: "Try again; what was uploaded last is taken then.",
  source_gone: "Upload the file again.",
  daily_limit: "Try again tomorrow; the file is kept until then.",
  too_long: "Cut it into shorter parts and upload those.",
  too_large: "Export it smaller and upload that.",
};

/** One sentence. */
export function advice(code: string | undefined): string {
  return BY_CODE[code ?? ""] ?? OTHER_FILE;
}

/** Whether another try of the same file can help. */
export function worthRetrying(code: string | undefined): boolean {
  return BY_CODE[code ?? ""] === undefined ? false : code !== "source_gone" && code !== "too_long" && code !== "too_large";
}
