export const generateStaticParams = () => [{ slug: "first" }];

/** The first one the build renders; others are rendered once, when somebody asks for them. */
export default async function Post({ params }: { params: Promise<{ slug: string }> }) {
  return <p>the same for everyone: {(await params).slug}</p>;
}
