"use client";

import HlsVideo from "hls-video-element/react";
import type HlsVideoElement from "hls-video-element";
import {
  MediaCaptionsButton,
  MediaControlBar,
  MediaController,
  MediaFullscreenButton,
  MediaLoadingIndicator,
  MediaMuteButton,
  MediaPipButton,
  MediaPlayButton,
  MediaPreviewThumbnail,
  MediaPreviewTimeDisplay,
  MediaTimeDisplay,
  MediaTimeRange,
  MediaVolumeRange,
} from "media-chrome/react";
import {
  MediaPlaybackRateMenu,
  MediaPlaybackRateMenuButton,
  MediaRenditionMenu,
  MediaRenditionMenuButton,
} from "media-chrome/react/menu";
import { useRef } from "react";

import type { Video } from "@/lib/api";

import "./player.css";
import { useStream } from "./stream";

// The controller hides what has no such attribute after a while, and with it the sign that a film is waited for.
const NO_AUTOHIDE = { noautohide: "" };
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

type Props = {
  video: Video;
  autoPlay?: boolean;
  /** Asks for the video anew: the addresses of media expire. */
  onRenew?: () => Promise<Video | null>;
};

/** Plays a video that is playable, also while the rest of it is still being encoded. */
export function Player({ video, autoPlay = false, onRenew }: Props) {
  const element = useRef<HlsVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const { problem, retry } = useStream({ element, still }, video, autoPlay, onRenew);
  return (
    <div className="player">
      <MediaController className="size-full" aria-label={`Video player: ${video.title}`}>
        <HlsVideo
          ref={element as never}
          slot="media"
          playsInline
          crossOrigin="anonymous"
          poster={video.playback?.thumbnail ?? undefined}
          aria-label={video.title}
        />
        <canvas ref={still} slot="poster" hidden aria-hidden className="player-still" />
        <div slot="centered-chrome" {...NO_AUTOHIDE} className="player-middle">
          <MediaLoadingIndicator loadingDelay={500} />
          <MediaPlayButton className="player-begin" />
        </div>
        <Controls />
      </MediaController>
      {problem ? (
        <div role="alert" className="absolute inset-0 grid place-content-center justify-items-center gap-3 bg-black/85 p-4 text-center text-white">
          <p>{problem}</p>
          <button type="button" className="button" onClick={retry}>
            Try again
          </button>
        </div>
      ) : null}
    </div>
  );
}

function Controls() {
  return (
    <>
      <MediaRenditionMenu hidden anchor="auto" />
      <MediaPlaybackRateMenu hidden anchor="auto" rates={SPEEDS} />
      <div className="player-bars">
        <MediaTimeRange>
          <MediaPreviewThumbnail slot="preview" />
          <MediaPreviewTimeDisplay slot="preview" />
        </MediaTimeRange>
        <MediaControlBar>
          <MediaPlayButton />
          <MediaMuteButton />
          <MediaVolumeRange className="player-wide" />
          <MediaTimeDisplay showDuration noToggle />
          <span className="grow" />
          <MediaCaptionsButton />
          <MediaPlaybackRateMenuButton>
            <svg slot="icon" viewBox="0 0 24 24" aria-hidden>
              <path d="M12 5a9 9 0 0 0-7.800 13.500h2.300a7 7 0 1 1 11 0h2.300A9 9 0 0 0 12 5Zm4.200 4.300-5.300 3.900a2 2 0 1 0 2.500 2.500z" />
            </svg>
          </MediaPlaybackRateMenuButton>
          <MediaRenditionMenuButton />
          <MediaPipButton className="player-wide" />
          <MediaFullscreenButton />
        </MediaControlBar>
      </div>
    </>
  );
}
