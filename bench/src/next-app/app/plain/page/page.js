export default function Plain() {
  return <h1>bench</h1>;
}

/** Rendered anew for each request, as the other one is. */
export const dynamic = "force-dynamic";
