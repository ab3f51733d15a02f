import type { Metadata } from "next";

import { Library } from "@/components/library/Library";

export const metadata: Metadata = { title: "My videos" };

export default function MyVideos() {
  return <Library />;
}
