/** The policy file of the sidecars whose statements are looked at. */
export const POLICY = {
  defaults: { inactivity_timeout_secs: 5 * 86_400 },
  tags: [
    { tag: "org:1", absolute_lifetime_secs: 86_400 },
    { tag: "org:2", max_concurrent_sessions_per_user_per_tag: 2 },
  ],
};
