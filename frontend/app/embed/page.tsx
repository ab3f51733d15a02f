import type { Metadata } from "next";
import { Suspense } from "react";

import { Embed } from "@/components/watch/Embed";

export const metadata: Metadata = { title: "Video", robots: { index: false } };

export default function EmbedPage() {
  return (
    <main className="fixed inset-0 bg-black text-white">
      <Suspense>
        <Embed />
      </Suspense>
    </main>
  );
}
