"use client";

/** Shows the reason: in production the digest is all that it is told. */
export default function Failed({ error }: { error: Error & { digest?: string } }) {
  return <p>{error.digest}</p>;
}
