export const GET = () => Response.json({ userId: "bench" });

/** Answered anew for each request, as the other one is. */
export const dynamic = "force-dynamic";
