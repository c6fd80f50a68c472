import { fetchWithDevice, initFetchWithDevice, registerDevice } from "@byo-session/browser";

initFetchWithDevice();

const { bindThen } = document.body.dataset;
if (bindThen !== undefined) void bind(bindThen);

// The browser submits forms by itself, without a proof. Forms that need a proof are sent from here: those that act on
// other sessions, and a login that remembers the device.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.proof === undefined && !new FormData(form).has("remember")) return;
    event.preventDefault();
    void submit(form);
  });
}

for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-get]")) {
  button.addEventListener("click", () => void show(button.dataset));
}

async function bind(next: string): Promise<void> {
  const answer = await registerDevice();
  // 409: already bound, for example after a reload of this page.
  if (answer.ok || answer.status === 409) location.replace(next);
  else report(`${answer.status} ${await answer.text()}`);
}

async function submit(form: HTMLFormElement): Promise<void> {
  const answer = await fetchWithDevice(form.action, {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)])),
  });
  const { next, reason } = await answer.json();
  if (next) location.assign(next);
  else report(`${answer.status} ${reason}`);
}

/** Requests data with a proof, or with only the cookies, as a thief would. */
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
