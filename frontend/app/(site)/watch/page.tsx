import type { Metadata } from "next";
import { Suspense } from "react";

import { Skeleton, Watch } from "@/components/watch/Watch";

export const metadata: Metadata = { title: "Watch" };

export default function WatchPage() {
  return (
    <Suspense fallback={<Skeleton />}>
      <Watch />
    </Suspense>
  );
}
