/**
 * Programs that fetch for the browser of a device, with its cookies and a name of their own: what plays a `<video>`, what
 * takes over a download, services of the system. Not tools that only people use (curl): those say nothing of a browser.
 */
const COMPANIONS = [
  // Apple: media, QuickTime, and all that speaks HTTP by the system's own means.
  /AppleCoreMedia|AVFoundation|QuickTime|iTunes|CFNetwork|Darwin|com\.apple\.WebKit/,
  // Android: players and the system's own HTTP and downloads.
  /ExoPlayer|AndroidXMedia3|stagefright|NuPlayer|AndroidDownloadManager|Dalvik|okhttp|Cronet/,
  // Windows: background transfers, players, and Office following a link of a page.
  /Microsoft[ -](?:BITS|Delivery-Optimization|Office)|ms-office|NSPlayer|WMFSDK|Windows-Media-Player/,
  // Players of every system, and the libraries that they are made of.
  /VLC|LibVLC|Lavf|libmpv|mpv|MPlayer|GStreamer|souphttpsrc|Kodi|XBMC|Infuse|PotPlayer|foobar2000/,
  // Download managers.
  /aria2|Wget|FDM|Free Download Manager|JDownloader|Download ?Master|uGet|Axel|Motrix|ADM|1DM|IDMan/,
].map(({ source }) => source);

/** As a name of its own, followed by a version or by nothing. */
const COMPANION = new RegExp(`(?:^|[\\s(;/])(?:${COMPANIONS.join("|")})(?![a-z])`);

const SYSTEMS = [
  {
    says: /iPhone|iPad|iPod|Macintosh|Mac OS X|macOS|Darwin|CFNetwork|AppleCoreMedia|Apple TV/,
    names: ["iOS", "macOS"],
  },
  { says: /Windows|Microsoft|NSPlayer|WMFSDK/, names: ["Windows"] },
  // A desktop site asked for on Android names Linux.
  { says: /Android|Linux|X11|stagefright|Dalvik|ExoPlayer/, names: ["Android", "Linux", "Chrome OS"] },
] as const;

/** Whether the user agent is that of such a program. */
export function isCompanion(userAgent: string): boolean {
  return COMPANION.test(userAgent);
}

/** False where it names a system that is of another family than the one of the session's browser. */
export function canRunOn(userAgent: string, os: string | undefined): boolean {
  const named = SYSTEMS.find(({ says }) => says.test(userAgent));
  const known = SYSTEMS.find(({ names }) => names.some((name) => name === os));
  return named === undefined || known === undefined || named === known;
}
