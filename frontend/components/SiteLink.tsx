import Link from "next/link";
import type { ComponentProps } from "react";

/** A link within the site that fetches nothing before it is used: the first load stays small. */
export function SiteLink(props: ComponentProps<typeof Link>) {
  return <Link prefetch={false} {...props} />;
}
