import { ImportsTheServer } from "./imports-the-server.tsx";

export default function Mistaken() {
  return <ImportsTheServer />;
}
