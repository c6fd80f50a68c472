/**
 * Programs that fetch for a device's browser, with its cookies but their own name: video players, download managers,
 * system services. Tools such as curl are not listed, because no browser starts them.
 */
const COMPANIONS = [
  // Apple: media, QuickTime, and everything that uses the system's HTTP stack.
  /AppleCoreMedia|AVFoundation|QuickTime|iTunes|CFNetwork|Darwin|com\.apple\.WebKit/,
  // Android: players, and the system's own HTTP stack and downloads.
  /ExoPlayer|AndroidXMedia3|stagefright|NuPlayer|AndroidDownloadManager|Dalvik|okhttp|Cronet/,
  // Windows: background transfers, players, and Office opening a link from a page.
  /Microsoft[ -](?:BITS|Delivery-Optimization|Office)|ms-office|NSPlayer|WMFSDK|Windows-Media-Player/,
  // Players for all systems, and their libraries.
  /VLC|LibVLC|Lavf|libmpv|mpv|MPlayer|GStreamer|souphttpsrc|Kodi|XBMC|Infuse|PotPlayer|foobar2000/,
  // Download managers.
  /aria2|Wget|FDM|Free Download Manager|JDownloader|Download ?Master|uGet|Axel|Motrix|ADM|1DM|IDMan/,
].map(({ source }) => source);

/** Matches the whole name, followed by a version or by nothing. */
const COMPANION = new RegExp(`(?:^|[\\s(;/])(?:${COMPANIONS.join("|")})(?![a-z])`);

const SYSTEMS = [
  {
    says: /iPhone|iPad|iPod|Macintosh|Mac OS X|macOS|Darwin|CFNetwork|AppleCoreMedia|Apple TV/,
    names: ["iOS", "macOS"],
  },
  { says: /Windows|Microsoft|NSPlayer|WMFSDK/, names: ["Windows"] },
  // Android's "desktop site" names Linux.
  { says: /Android|Linux|X11|stagefright|Dalvik|ExoPlayer/, names: ["Android", "Linux", "Chrome OS"] },
] as const;

/** Whether the user agent is that of such a program. */
export function isCompanion(userAgent: string): boolean {
  return COMPANION.test(userAgent);
}

/** False if it names a system of another family than that of the session's browser. */
export function canRunOn(userAgent: string, os: string | undefined): boolean {
  const named = SYSTEMS.find(({ says }) => says.test(userAgent));
  const known = SYSTEMS.find(({ names }) => names.some((name) => name === os));
  return named === undefined || known === undefined || named === known;
}
