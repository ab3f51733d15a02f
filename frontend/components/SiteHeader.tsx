"use client";

import { usePathname, useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";

import { signInAddress, useSession, type User } from "@/lib/session";

import { Icon, type IconName } from "./Icon";
import { SiteLink } from "./SiteLink";
import { stopBeforeLeaving } from "./upload/useLeaveWarning";

export function SiteHeader() {
  const session = useSession();
  return (
    <header className="sticky top-0 z-40 border-b border-line bg-raised">
      <div className="mx-auto flex h-14 max-w-7xl items-center gap-1 px-4 sm:gap-2 sm:px-6">
        <SiteLink href="/" className="mr-auto flex min-h-11 items-center gap-2 text-lg font-semibold tracking-tight">
          <Mark /> Sluice
        </SiteLink>
        <nav aria-label="Main" className="flex items-center gap-1 sm:gap-2">
          <NavLink href="/upload/" icon="upload" text="Upload" />
          <NavLink href="/library/" icon="videos" text="My videos" />
        </nav>
        <div className="flex w-22 shrink-0 justify-end sm:w-44">
          {session === null ? <SignInLink /> : null}
          {session ? <AccountMenu user={session} /> : null}
        </div>
      </div>
    </header>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 24 24" className="size-6 text-accent" aria-hidden fill="none" stroke="currentColor" strokeWidth="2.250" strokeLinecap="round">
      <path d="M4 4v16M20 4v16M4 7h16" />
      <path d="M8 12.500c1.300-1 2.700-1 4 0s2.700 1 4 0M8 17c1.300-1 2.700-1 4 0s2.700 1 4 0" />
    </svg>
  );
}

function NavLink({ href, icon, text }: { href: string; icon: IconName; text: string }) {
  const here = usePathname() === href;
  return (
    <SiteLink
      href={href}
      aria-current={here ? "page" : undefined}
      className={`flex min-h-11 min-w-11 items-center justify-center gap-2 rounded-lg px-2 hover:bg-sunken sm:px-3 ${here ? "font-semibold text-accent" : ""}`}
    >
      <Icon name={icon} />
      <span className="sr-only sm:not-sr-only">{text}</span>
    </SiteLink>
  );
}

function SignInLink() {
  // The address of this page is read when the link is used: it changes without the header being drawn anew.
  const remember = (event: { currentTarget: HTMLAnchorElement }) => {
    if (!location.pathname.startsWith("/sign-in")) event.currentTarget.href = signInAddress();
  };
  return (
    <a href="/sign-in/" onClick={remember} className="button px-3 whitespace-nowrap">
      Sign in
    </a>
  );
}

function AccountMenu({ user }: { user: User }) {
  const [open, setOpen] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      if (menu.current?.contains(document.activeElement)) toggle.current?.focus();
      setOpen(false);
    };
    const leave = (event: PointerEvent) => {
      if (!menu.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("keydown", escape);
    document.addEventListener("pointerdown", leave);
    return () => {
      document.removeEventListener("keydown", escape);
      document.removeEventListener("pointerdown", leave);
    };
  }, []);
  return (
    <div ref={menu} className="relative">
      <button
        ref={toggle}
        type="button"
        aria-expanded={open}
        aria-label={`Account of ${user.name}`}
        onClick={() => setOpen(!open)}
        className="flex min-h-11 min-w-11 cursor-pointer items-center justify-center gap-2 rounded-lg px-2 hover:bg-sunken"
      >
        <Icon name="user" />
        <span className="hidden max-w-32 truncate sm:inline">{user.name}</span>
      </button>
      {open ? (
        <div className="card absolute right-0 mt-1 w-56 p-2 shadow-lg">
          <p className="truncate px-3 py-2 text-sm text-faint">{user.name}</p>
          <MenuLink href="/account/" text="Account" onClick={() => setOpen(false)} />
          {user.operator ? <MenuLink href="/ops/" text="Operations" onClick={() => setOpen(false)} /> : null}
          <SignOutButton />
        </div>
      ) : null}
    </div>
  );
}

function MenuLink({ href, text, onClick }: { href: string; text: string; onClick: () => void }) {
  return (
    <SiteLink href={href} onClick={onClick} className="flex min-h-11 items-center rounded-lg px-3 hover:bg-sunken">
      {text}
    </SiteLink>
  );
}

function SignOutButton() {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    if (!(await stopBeforeLeaving())) return;
    setBusy(true);
    const { signOut } = await import("@/lib/auth");
    await signOut();
    router.push("/");
  };
  return (
    <button type="button" disabled={busy} onClick={() => void leave()} className="min-h-11 w-full cursor-pointer rounded-lg px-3 text-left hover:bg-sunken">
      {busy ? "Signing out …" : "Sign out"}
    </button>
  );
}
