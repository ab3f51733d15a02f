"""Files that are no films but name others: playlists, manifests and scripts, dressed up as MP4."""

from collections.abc import Iterator
from pathlib import Path

from tests.media.avi import avi_with_subtitles
from tests.media.craft import after, before, box, element, elsewhere, mkv_track, photo_mkv
from tests.media.make import AAC, H264, Maker, changed, cooked, copied, film, picture, tone, written, zipped
from tests.media.verdicts import Case, bad, good, mute

# Nobody listens at the discard port; that nobody even asks is what the tests are about.
ADDRESS = "http://127.0.0.1:9/bait.ts"
SIBLING = "bait.mp4"
# Every machine has it, and everybody may read it: only the wall keeps a child from it.
SECRET = "/etc/passwd"

_HLS = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n"
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'
POINTERS = {
    "hls": _HLS + "#EXTINF:1,\n{target}\n#EXT-X-ENDLIST\n",
    "hls-key": _HLS + '#EXT-X-KEY:METHOD=AES-128,URI="{target}"\n#EXTINF:1,\n{target}\n',
    "hls-sample-key": _HLS + '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="{target}"\n#EXTINF:1,\nbait.mp4\n',
    "hls-map": _HLS + '#EXT-X-MAP:URI="{target}"\n#EXTINF:1,\n{target}\n#EXT-X-ENDLIST\n',
    "hls-range": _HLS + "#EXTINF:1,\n#EXT-X-BYTERANGE:100@0\n{target}\n#EXT-X-ENDLIST\n",
    "hls-crypto": _HLS + "#EXTINF:1,\ncrypto+file:{target}\n#EXT-X-ENDLIST\n",
    "hls-concat": _HLS + "#EXTINF:1,\nconcat:{target}|{target}\n#EXT-X-ENDLIST\n",
    "hls-subfile": _HLS + "#EXTINF:1,\nsubfile,,start,0,end,9,,:{target}\n#EXT-X-ENDLIST\n",
    "hls-inline": _HLS + "#EXTINF:1,\ndata:application/x-mpegurl;base64,I0VYVE0zVQo={target}\n#EXT-X-ENDLIST\n",
    "hls-master": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{target}\n",
    "hls-sound": '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="{target}"\n'
    '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\n{target}\n',
    "ffconcat": "ffconcat version 1.0\nfile '{target}'\n",
    "ffconcat-stream": "ffconcat version 1.0\nstream\nexact_stream_id 1\nfile '{target}'\ninpoint 0\n",
    "dash": _XML + '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
    "<Period><BaseURL>{target}</BaseURL></Period></MPD>",
    "dash-segments": _XML + '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT4S">'
    '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><SegmentList duration="4">'
    '<Initialization sourceURL="{target}"/><SegmentURL media="{target}"/></SegmentList>'
    "</Representation></AdaptationSet></Period></MPD>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na={target}\n",
    "smooth": '<SmoothStreamingMedia MajorVersion="2"><StreamIndex Url="{target}"/></SmoothStreamingMedia>',
    "imf": _XML + '<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>{target}</Id>'
    "</CompositionPlaylist>",
    "rtsp": "RTSPtext\n{target}\n",
    "asx": '<asx version="3.0"><entry><ref href="{target}"/></entry></asx>',
    "pls": "[playlist]\nNumberOfEntries=1\nFile1={target}\n",
    "xspf": _XML + '<playlist xmlns="http://xspf.org/ns/0/"><trackList><track><location>{target}</location></track>'
    "</trackList></playlist>",
    "smil": '<smil><body><video src="{target}"/></body></smil>',
    "reference": "[Reference]\nRef1={target}\n",
    "vobsub": "# VobSub index file, v7 (do not modify this line!)\nid: en, index: 0\nalt: {target}\n"
    "timestamp: 00:00:01:000, filepos: 000000000\n",
    "avisynth": 'LoadPlugin("{target}")\nAVISource("{target}")\n',
    "metadata": ";FFMETADATA1\ntitle={target}\n",
}


def pointer(text: str) -> Maker:
    """This text, with a film beside it that it may be about, however it says so."""

    def make(path: Path) -> None:
        film()(path.parent / SIBLING)
        path.write_text(text)

    return make


def _pointers() -> Iterator[tuple[str, Case]]:
    for kind, text in POINTERS.items():
        for way, target in (("absolute", SECRET), ("sibling", SIBLING), ("address", ADDRESS)):
            yield f"{kind}-{way}.mp4", bad(pointer(text.format(target=target)), "not_a_video")


# --- two kinds in one ---------------------------------------------------------------------------------------------

PLAYLIST = POINTERS["hls"].format(target=SECRET).encode()
SCRIPT = POINTERS["ffconcat"].format(target=SECRET).encode()
TS = copied(film(sound=True), container="mpegts")
MOV = cooked(*picture(), *H264, container="mov")
FRAGMENTED = ("-movflags", "frag_keyframe+empty_moov+default_base_moof")
BOM = b"\xef\xbb\xbf"


def _attached(path: Path) -> None:
    """A film with a playlist among its attachments."""
    playlist = path.parent / "attached.m3u8"
    playlist.write_bytes(PLAYLIST)
    with_it = ("-attach", f"file:{playlist}", "-metadata:s:t", "mimetype=application/x-mpegurl")
    cooked(*picture(), *tone(), *H264, *AAC, *with_it, container="matroska")(path)
    playlist.unlink()


POLYGLOTS = {
    "playlist-behind-a-head.mp4": bad(written(b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + PLAYLIST), "damaged"),
    "playlist-then-film.ts": bad(changed(TS, before(PLAYLIST)), "not_a_video"),
    "playlist-then-film.mp4": bad(changed(film(), before(PLAYLIST)), "not_a_video"),
    "marked-playlist.mp4": bad(written(BOM + PLAYLIST), "not_a_video"),
    "script-then-film.mpg": bad(
        changed(cooked(*picture(), "-c:v", "mpeg2video", container="mpeg"), before(SCRIPT)), "not_a_video"
    ),
    "script-then-film.ts": bad(changed(TS, before(SCRIPT)), "not_a_video"),
    "film-then-playlist.mp4": good(changed(film(sound=True), after(PLAYLIST))),
    "film-then-playlist.ts": good(changed(TS, after(PLAYLIST))),
    "film-then-archive.mp4": good(changed(film(sound=True), after(zipped()))),
    "page-then-film.mp4": mute(
        changed(film(also=FRAGMENTED), before(box(b"free", b"<script src=/etc/passwd></script>")))
    ),
    "playlist-then-box.mp4": mute(changed(film(also=FRAGMENTED), before(box(b"free", PLAYLIST)))),
    "playlist-as-subtitles.avi": mute(avi_with_subtitles(PLAYLIST)),
    "script-as-subtitles.avi": mute(avi_with_subtitles(SCRIPT)),
    "playlist-attached.mkv": good(_attached),
    "linked.mkv": mute(
        photo_mkv(mkv_track(), more=element(0x114D9B74)),
    ),
    "samples-in-a-sibling.mov": bad(changed(MOV, elsewhere(b"bait.mp4")), "damaged"),
    "samples-in-a-secret.mov": bad(changed(MOV, elsewhere(SECRET.encode())), "damaged"),
}

CASES: dict[str, Case] = {**dict(_pointers()), **POLYGLOTS}
