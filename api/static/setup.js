// The first account: the link's code and what the form says, sent once.

const el = (id) => document.getElementById(id);
const code = new URLSearchParams(location.hash.slice(1)).get("code") ?? "";
// Out of the address bar, and so out of what is shared by accident.
history.replaceState(null, "", location.pathname);

el("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const [name, email, password] = ["name", "email", "password"].map((id) => el(id).value);
  const body = JSON.stringify({ code, name, email, password });
  const headers = { "content-type": "application/json" };
  try {
    const answer = await fetch("/v1/auth/setup", { method: "POST", headers, body });
    if (answer.ok) {
      el("sign-in").reset();
      // The link works once: nothing is left to fill in.
      for (const part of el("sign-in").querySelectorAll("label, input, button")) part.hidden = true;
      el("said").textContent = "The account is there, and you are logged in.";
      el("on").hidden = false;
      return;
    }
    const problem = await answer.json();
    el("said").textContent = `${problem.detail}: ${problem.hint}`;
  } catch {
    el("said").textContent = "The server cannot be reached.";
  }
});
