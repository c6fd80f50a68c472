import { fetchWithDevice, initFetchWithDevice } from "@byo-session/browser";

initFetchWithDevice();

// A form that a browser submits by itself carries no proof. These are sent by script, with one.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    const wantsDevice = new FormData(form).has("device");
    if (!wantsDevice && document.body.dataset.bound === undefined) return;
    event.preventDefault();
    void submit(form, wantsDevice);
  });
}

for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-get]")) {
  button.addEventListener("click", () => void show(button.dataset));
}

async function submit(form: HTMLFormElement, isLogin: boolean): Promise<void> {
  // A session that is bound to a key which this browser no longer has would stand in the way of a new one.
  if (isLogin) await fetch("/session/logout", { method: "POST" });
  const answer = await fetchWithDevice(form.action, {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)])),
  });
  const { next, reason } = answer.status === 204 ? { next: "/" } : await answer.json();
  if (next) location.assign(next);
  else report(`${answer.status} ${reason}`);
}

/** Asks for data with the proof, or with the cookie alone as a thief would. */
async function show({ get = "/", with: credentials, times = "1" }: DOMStringMap): Promise<void> {
  const send = credentials === "device" ? fetchWithDevice : fetch;
  const answers = await Promise.all(Array.from({ length: Number(times) }, () => send(get)));
  const [first] = answers;
  const alike = answers.filter(({ status }) => status === first?.status);
  report(`${alike.length > 1 ? `${alike.length} × ` : ""}${first?.status} ${await first?.text()}`);
}

function report(text: string): void {
  const output = document.querySelector("output");
  if (output) output.textContent = text;
}
