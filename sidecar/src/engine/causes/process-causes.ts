import { by, type Cause } from "./cause.ts";
import { EXIT } from "./exit-codes.ts";

/** Why a port cannot be listened on. Their sentences continue the setting and the address. */
export const LISTEN_CAUSES: readonly Cause[] = [
  {
    what: "the port is in use",
    exit: EXIT.busy,
    is: by(/^EADDRINUSE$/),
    says: () => "another process listens there. Stop it, or choose another port",
  },
  {
    what: "the port needs a right",
    exit: EXIT.denied,
    is: by(/^(EACCES|EPERM)$/),
    says: () => "this user may not listen there. Choose a port above 1023",
  },
  {
    what: "the address is not one of this machine",
    exit: EXIT.setting,
    is: by(/^(EADDRNOTAVAIL|ENOTFOUND|EAI_\w+|EINVAL)$/),
    says: () => "this machine has no such address. Use 127.0.0.1, 0.0.0.0, or one of its own",
  },
  { what: "another failure to listen", exit: EXIT.unreachable, is: () => true, says: ({ message }) => message },
];

/** Why the folder of the embedded database cannot be used. Their sentences continue the folder. */
export const FOLDER_CAUSES: readonly Cause[] = [
  {
    what: "the folder cannot be written to",
    exit: EXIT.denied,
    is: by(/^(EACCES|EPERM|EROFS)$/),
    says: ({ code }) =>
      `it cannot be written to (${code}). Give it to the user of this process (uid ${process.getuid?.() ?? "unknown"}), or choose another folder`,
  },
  {
    what: "the path is not a folder",
    exit: EXIT.setting,
    is: by(/^(ENOTDIR|EEXIST|ENOENT|ELOOP|ENAMETOOLONG)$/),
    says: ({ code }) => `a folder cannot be created there (${code}). Choose another path`,
  },
  {
    what: "the disk is full",
    exit: EXIT.files,
    is: by(/^(ENOSPC|EDQUOT)$/),
    says: ({ code }) => `there is no space left (${code}). Make room, or choose another folder`,
  },
  {
    what: "the files are damaged",
    exit: EXIT.files,
    is: () => true,
    says: ({ message }) =>
      `the embedded database in it cannot be opened (${message}). Restore the folder from a backup, or choose another one`,
  },
];
