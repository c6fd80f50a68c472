/** For services that accept stateless tokens. Apart from the main entry, since only they need jose. */
export { StatelessTokenError, type StatelessTokenErrorCode } from "./error.ts";
export { type StatelessTokenOptions, type VerifiedToken, verifyStatelessToken } from "./verify.ts";
