export default async function Login({ searchParams }: { searchParams: Promise<Record<string, string>> }) {
  return <pre>{JSON.stringify(await searchParams)}</pre>;
}
