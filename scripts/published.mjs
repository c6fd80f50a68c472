/** The folders of the packages that are published, each after those that it needs. */
export const PUBLISHED = ["core", "browser", "middleware-express", "sidecar"];
