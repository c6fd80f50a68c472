import { type RequestEvent, redirect } from "@sveltejs/kit";

export const actions = {
  default: async ({ locals, request }: RequestEvent) => {
    await locals.byo.login({ userId: String((await request.formData()).get("name")) });
    redirect(303, "/account");
  },
};
