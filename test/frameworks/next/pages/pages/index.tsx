import Link from "next/link";

/** Static. */
export default function Home() {
  return (
    <main>
      <h1>home</h1>
      <Link href="/account">account</Link>
    </main>
  );
}
