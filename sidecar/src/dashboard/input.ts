import type { z } from "zod";
import { Refusal } from "./refusal.ts";

/** More fields than any call has. Counting them is cheaper than naming each unknown one. */
const MAX_FIELDS = 50;
/** Longer lists of problems help nobody. */
const MAX_PROBLEMS = 20;
const MAX_PROBLEM_CHARS = 500;

/** The input of a call. Throws a refusal that names each field that is wrong. */
export function inputOf<Input>(schema: z.ZodType<Input>, raw: unknown): Input {
  if (typeof raw === "object" && raw !== null && Object.keys(raw).length > MAX_FIELDS) {
    throw new Refusal({ type: "InvalidInput", message: `Expected at most ${MAX_FIELDS} fields.` });
  }
  const result = schema.safeParse(raw ?? {});
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, MAX_PROBLEMS).map(({ path, message }) => ({
    field: path.map(String).join("."),
    message: message.slice(0, MAX_PROBLEM_CHARS),
  }));
  const [first] = problems;
  const message = first ? `${first.field === "" ? "" : `${first.field}: `}${first.message}` : "The input is not valid.";
  throw new Refusal({ type: "InvalidInput", message, problems });
}
