/** For services that accept stateless tokens. Separate from the main entry, because only these need jose. */
export { StatelessTokenError, type StatelessTokenErrorCode } from "./error.ts";
export { type StatelessTokenOptions, type VerifiedToken, verifyStatelessToken } from "./verify.ts";
