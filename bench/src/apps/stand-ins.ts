// What a bare app sends is as long as what ours sends, so that the difference is not one of length.
export const COOKIE_VALUE = "n".repeat(64);
export const USER_ID = "bench-00000000-0000-0000-0000-000000000000";
