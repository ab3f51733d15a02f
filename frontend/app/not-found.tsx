
import { BigNotice } from "@/components/Notice";
import { SiteHeader } from "@/components/SiteHeader";
import { SiteLink } from "@/components/SiteLink";

export default function NotFound() {
  return (
    <>
      <SiteHeader />
      <main>
        <BigNotice icon="alert" title="There is no such page">
          <p>The address may be mistyped, or what was here is gone.</p>
          <SiteLink href="/" className="button">
            See all videos
          </SiteLink>
        </BigNotice>
      </main>
    </>
  );
}
