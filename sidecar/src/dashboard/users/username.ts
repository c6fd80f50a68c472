/** Letters of one alphabet: those of others, and signs that take no room, make names that only look the same. */
const USERNAME = /^[a-z\d][a-z\d._@+-]{0,127}$/i;

/** What is wrong with the name of a new person; undefined: nothing. Who exists already keeps any name. */
export function usernameProblem(username: string): string | undefined {
  if (USERNAME.test(username)) return undefined;
  return "expected 1 to 128 of a-z, A-Z, 0-9 and . _ @ + -, a letter or digit first: other letters can look the same";
}

/** The same text for two names that people take for each other: "Ian" and "lan", "0wner" and "owner", "arnold" and "amold". */
export function appearanceOf(username: string): string {
  return username
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .replace(/[1i|]/g, "l")
    .replaceAll("0", "o")
    .replaceAll("rn", "m")
    .replaceAll("vv", "w");
}
