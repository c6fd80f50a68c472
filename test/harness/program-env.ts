/** What a program that a test starts takes from this process: where programs are, and what Node has compiled already. */
export const PROGRAM_ENV = { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE };
