export function Form({ userId, ambient }: { userId: string | null; ambient: string }) {
  return (
    <main>
      <h1>{userId ?? "nobody"}</h1>
      <p>{ambient}</p>
    </main>
  );
}
