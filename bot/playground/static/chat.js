// The page's own behaviour: it sends what people do, shows what the server drew, and keeps the focus where it belongs.
// It builds no HTML out of words: fragments come escaped from the server, messages go in as text.

const PAUSE = 2000; // milliseconds between two looks for news
const DOUBLE_CLICK = 1000; // milliseconds within which the same button means the same act
const drafts = new Map(); // unsent words, for as long as this page is open: they never reach a disk

let shown = location.search; // whose page in which conversation this is

const byId = (id) => document.getElementById(id);
const narrow = matchMedia("(max-width: 54rem)");
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
const here = () => ({ as: document.body.dataset.person, in: document.body.dataset.room });
const place = () => `${here().as}/${here().in}`;

const LOST = "I cannot reach the server. What you typed is still here: try again in a moment.";

// Talking to the server

async function post(path, body) {
  let response;
  try {
    response = await fetch(`/playground/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Playground-Token": document.body.dataset.token },
      body: JSON.stringify({ ...here(), after: byId("log").dataset.last, ...body }),
    });
  } catch {
    return { problem: LOST };
  }
  try {
    return await response.json();
  } catch {
    return { problem: "The server could not do that. Nothing was saved. Try again in a minute." };
  }
}

async function once(control, work) {
  if (control.getAttribute("aria-disabled") === "true") return;
  control.setAttribute("aria-disabled", "true");
  const from = place();
  try {
    await work(() => place() === from);
  } finally {
    control.removeAttribute("aria-disabled");
  }
}

async function lookForNews() {
  const from = place();
  try {
    const query = new URLSearchParams({ ...here(), after: byId("log").dataset.last });
    const response = await fetch(`/playground/news?${query}`);
    if (response.ok) {
      const news = await response.json();
      if (place() !== from) return;
      const readToTheEnd = scrollY + innerHeight >= document.documentElement.scrollHeight - innerHeight / 4;
      const added = show(news);
      if (readToTheEnd) bringIntoView(added[0]);
    }
  } catch {
    // the next look may succeed; whatever the person sends meanwhile says so itself
  }
}

async function keepLooking() {
  if (!document.hidden) await lookForNews();
  setTimeout(keepLooking, PAUSE);
}

// Showing

function say(words) {
  const status = byId("status");
  status.textContent = "";
  requestAnimationFrame(() => { status.textContent = words; });
}

function complain(answer) {
  const words = answer.problem ?? Object.values(answer.errors ?? {}).join(" ");
  const problem = byId("problem");
  problem.hidden = !words;
  problem.textContent = words;
  return Boolean(words);
}

function show(news) {
  const log = byId("log");
  const added = [];
  for (const html of news.entries ?? []) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const entry = template.content.firstElementChild;
    const old = byId(entry.id);
    if (!old) {
      const later = [...log.querySelectorAll(".entry")].find((other) => Number(other.dataset.entry) > Number(entry.dataset.entry));
      log.insertBefore(entry, later ?? null);
      added.push(entry);
    } else if (old.dataset.version !== entry.dataset.version) {
      old.replaceWith(entry);
    }
  }
  if (news.last) log.dataset.last = Math.max(Number(news.last), Number(log.dataset.last));
  for (const [person, count] of Object.entries(news.unread ?? {})) {
    const badge = document.querySelector(`[data-unread="${person}"]`);
    badge.hidden = !count;
    badge.textContent = count ? `${count} new` : "";
  }
  return added;
}

function bringIntoView(entry) {
  entry?.scrollIntoView({ block: "start" }); // at once: nothing on this page moves by itself
}

function foldPeople() {
  const details = document.querySelector("#people details");
  if (details) details.open = !narrow.matches;
}

// Typing and pressing

async function sendWords(form) {
  const box = byId("text");
  const words = box.value;
  await once(form.querySelector("[type=submit]"), async (stillHere) => {
    const from = place();
    const answer = await post("say", { text: words, key: form.dataset.key });
    if (!answer.problem && drafts.get(from) === words) drafts.delete(from); // the person has gone elsewhere meanwhile
    if (!stillHere() || complain(answer)) return;
    form.dataset.key = newKey();
    if (box.value === words) box.value = "";
    bringIntoView(show(answer)[0]);
    if (answer.form) openForm(answer.form, box, "typed");
  });
}

async function press(button) {
  // the same key until it succeeded, so that pressing again after a lost answer runs once; a form may open again
  if (button.ariaHasPopup) button.dataset.key = newKey();
  else button.dataset.key ??= newKey();
  await once(button, async (stillHere) => {
    const { press: action, value, entry, key } = button.dataset;
    const answer = await post("press", { action, value, entry: entry ?? "0", key });
    if (!stillHere() || complain(answer)) return;
    setTimeout(() => { delete button.dataset.key; }, DOUBLE_CLICK);
    bringIntoView(show(answer)[0]);
    if (answer.form) openForm(answer.form, button, `${action} ${value}`);
    if (answer.repeated) say("That was done already.");
  });
}

// Forms

function openForm(html, opener, name) {
  const dialog = byId("dialog");
  const template = document.createElement("template");
  template.innerHTML = html;
  dialog.replaceChildren(template.content);
  dialog.finished = false;
  dialog.draft = `${place()} ${name}`;
  dialog.opener = opener;
  dialog.toggleAttribute("aria-describedby", false);
  if (byId("dialog-intro")) dialog.setAttribute("aria-describedby", "dialog-intro");
  const form = dialog.querySelector("form");
  if (drafts.has(dialog.draft)) fill(form, drafts.get(dialog.draft));
  dialog.untouched = JSON.stringify(values(form));
  dialog.showModal();
  form.querySelector("textarea, input, select")?.focus();
}

function values(form) {
  const found = {};
  for (const field of form.querySelectorAll("[data-field]")) {
    const boxes = [...field.querySelectorAll("input, textarea, select")];
    const listed = boxes.some((box) => box.type === "checkbox" || box.type === "radio");
    const chosen = listed ? boxes.filter((box) => box.checked) : boxes;
    found[field.dataset.field] = chosen.map((box) => box.value).join(",");
  }
  return found;
}

function fill(form, kept) {
  for (const box of form.querySelectorAll("input, textarea, select")) {
    const value = kept[box.name] ?? "";
    if (box.type === "checkbox" || box.type === "radio") box.checked = value.split(",").includes(box.value);
    else box.value = value;
  }
}

function addBox(form, html, errors) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const box = template.content.firstElementChild;
  const fields = [...form.querySelectorAll("[data-field]")];
  if (fields.some((field) => field.dataset.field === box.dataset.field)) return;
  (fields.find((field) => errors[field.dataset.field]) ?? fields.at(-1)).after(box);
}

function showErrors(form, errors) {
  const list = byId("problems").querySelector("ul");
  list.replaceChildren();
  for (const field of form.querySelectorAll("[data-field]")) {
    const words = errors[field.dataset.field] ?? "";
    const error = field.querySelector(".error");
    field.classList.toggle("wrong", Boolean(words));
    error.hidden = !words;
    error.textContent = words;
    for (const box of field.querySelectorAll("input, textarea, select")) {
      if (words) box.setAttribute("aria-invalid", "true");
      else box.removeAttribute("aria-invalid");
    }
  }
  for (const [name, words] of Object.entries(errors)) {
    const item = document.createElement("li");
    const box = byId(`f-${name}`);
    const holder = box ? document.createElement("a") : item;
    holder.textContent = `${labelOf(form, name)} ${words}`.trim();
    if (box) {
      holder.href = `#f-${name}`;
      item.append(holder);
    }
    list.append(item);
  }
  byId("problems").hidden = false;
  byId("problems").focus();
}

function labelOf(form, name) {
  const label = form.querySelector(`[data-field="${name}"] :is(legend, label)`)?.cloneNode(true);
  label?.querySelector(".quiet")?.remove();
  return label?.textContent.trim().replace(/([^?.:])$/, "$1:") ?? "";
}

async function sendForm(form) {
  const dialog = byId("dialog");
  await once(form.querySelector("[type=submit]"), async () => {
    const { action, about, token } = form.dataset;
    const answer = await post("send", { action, about, token, fields: values(form) });
    if (answer.problem) return showErrors(form, { "": answer.problem });
    if (answer.also) addBox(form, answer.also, answer.errors);
    if (answer.errors) return showErrors(form, answer.errors);
    if (answer.trouble) drafts.set(dialog.draft, values(form)); // the answer may be: send it again
    else drafts.delete(dialog.draft);
    dialog.finished = true;
    dialog.close();
    bringIntoView(show(answer)[0]);
    if (answer.form) openForm(answer.form, dialog.opener, `${action} ${about}`);
  });
}

function afterForm(dialog) {
  const form = dialog.querySelector("form");
  if (form && !dialog.finished && JSON.stringify(values(form)) !== dialog.untouched) {
    drafts.set(dialog.draft, values(form));
    say("The form is closed. What you typed comes back when you open it again.");
  }
  // once it is sent, the answer is on the screen: the focus goes back without scrolling away from it
  (dialog.opener?.isConnected ? dialog.opener : byId("text")).focus({ preventScroll: dialog.finished });
  dialog.finished = false;
  dialog.replaceChildren();
}

// What a platform would be sent

async function drawOnce(place, json) {
  if (!place || place.dataset.drawing) return;
  place.dataset.drawing = "begun";
  try {
    const { draw } = await import("/look/drawing.js"); // only who opens this part pays for what draws it
    await draw(place, json, place.closest("dialog") ? 3 : 4);
  } catch {
    place.dataset.drawing = "";
    place.textContent = "It could not be drawn. Close this part and open it again.";
  }
}

async function copy(code, status) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    status.textContent = "Copied.";
  } catch {
    getSelection().selectAllChildren(code);
    status.textContent = "Your browser does not let me copy. All of it is selected: copy it yourself.";
  }
}

// Going to another person or conversation, without losing what stands in the text box

async function go(url, { push }) {
  let page;
  try {
    page = new DOMParser().parseFromString(await (await fetch(url)).text(), "text/html");
  } catch {
    return complain({ problem: LOST });
  }
  if (!page.getElementById("main")) return location.assign(url);
  drafts.set(place(), byId("text").value); // now, with what was typed while the page came
  const focused = document.activeElement?.getAttribute("href");
  if (push) history.pushState(null, "", url);
  shown = location.search;
  document.title = page.title;
  for (const name of ["person", "room", "token"]) document.body.dataset[name] = page.body.dataset[name];
  for (const id of ["people", "main"]) byId(id).replaceWith(document.adoptNode(page.getElementById(id)));
  arrive();
  const same = [...document.querySelectorAll("[data-go]")].find((link) => link.getAttribute("href") === focused);
  (same?.checkVisibility() ? same : byId("text")).focus({ preventScroll: true });
  say(document.title);
}

function arrive() {
  foldPeople();
  byId("text").value = drafts.get(place()) ?? "";
  const entries = byId("log").querySelectorAll(".entry");
  if (entries.length > 1) entries[entries.length - 1].scrollIntoView({ block: "nearest" });
}

// Listening

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-go]");
  if (link && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)) {
    event.preventDefault();
    go(link.getAttribute("href"), { push: true });
  }
  const pressed = event.target.closest("[data-press]");
  if (pressed) press(pressed);
  if (event.target.closest("[data-close]")) byId("dialog").close();
  const copying = event.target.closest("[data-copy]");
  if (copying) copy(copying.closest("details").querySelector("code"), copying.parentElement.querySelector("[role=status]"));
  const problem = event.target.closest("#problems a");
  if (problem) {
    event.preventDefault();
    byId(problem.hash.slice(1))?.focus();
  }
});

document.addEventListener("toggle", (event) => {
  const { target } = event;
  if (target.open && target.matches(".sent")) drawOnce(target.querySelector("[data-drawing]"), target.querySelector("code").textContent);
}, true); // it does not bubble

document.addEventListener("submit", (event) => {
  if (event.target.id === "say") {
    event.preventDefault();
    sendWords(event.target);
  } else if (event.target.closest("#dialog")) {
    event.preventDefault();
    sendForm(event.target);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.target.id === "text" && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

byId("dialog").addEventListener("close", (event) => afterForm(event.target));
document.addEventListener("visibilitychange", () => { if (!document.hidden) lookForNews(); });
window.addEventListener("popstate", () => {
  // a link to a part of this page, such as the one that skips to the box, comes here too
  if (location.search !== shown) go(location.href, { push: false });
});
narrow.addEventListener("change", foldPeople);
arrive();
keepLooking();
