/** `npm run test:long` looks at more of what `npm test` samples. */
export const IS_LONG = process.env.BYO_TEST_LONG === "1";
