import Link from "next/link";

/** Two links to a guarded page: one is prefetched as far as it is the same for everybody, one with the user's own part. */
export default function Links() {
  return (
    <main>
      <h1>Links</h1>
      <Link href="/guarded">guarded</Link>{" "}
      <Link href="/guarded?of=1" prefetch={true}>
        wholly prefetched
      </Link>
    </main>
  );
}
