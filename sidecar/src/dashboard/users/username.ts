/** Latin letters only: letters of other alphabets and invisible characters make different names look the same. */
const USERNAME = /^[a-z\d][a-z\d._@+-]{0,127}$/i;

/** What is wrong with a new account's name; undefined if nothing is. Existing accounts keep any name. */
export function usernameProblem(username: string): string | undefined {
  if (USERNAME.test(username)) return undefined;
  return "expected 1 to 128 of a-z, A-Z, 0-9 and . _ @ + -, a letter or digit first: other letters can look the same";
}

/** The same text for names that people confuse: "Ian" and "lan", "0wner" and "owner", "arnold" and "amold". */
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
