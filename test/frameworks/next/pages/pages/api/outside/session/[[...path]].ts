import { withRoutes } from "../../../../lib/sessions.ts";

export default withRoutes((_request, response) => response.status(404).end());
