import { VideoGrid } from "@/components/VideoGrid";

export default function Home() {
  return (
    <>
      <h1 className="sr-only">Videos</h1>
      <VideoGrid />
    </>
  );
}
