// Draws an Adaptive Card with Microsoft's own package, to be looked at and read: nothing in it can be pressed or filled
// in. It is loaded when somebody first opens such a part. Colours are the page's own, so that they change with them.

const nextToThis = (name) => new URL(name, import.meta.url).href;
const both = (colour, subtle = colour) => ({ default: `var(--${colour})`, subtle: `var(--${subtle})` });
const style = (back, quiet) => ({
  backgroundColor: `var(--${back})`,
  foregroundColors: {
    default: both("ink", quiet), dark: both("ink", quiet), light: both("ink", quiet), accent: both("accent"),
    good: both("good"), warning: both("warning"), attention: both("danger"),
  },
});

// after samples/HostConfig of github.com/microsoft/AdaptiveCards
const LOOK = {
  fontFamily: "inherit",
  spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 },
  separator: { lineThickness: 1, lineColor: "var(--line)" },
  fontSizes: { small: 13, default: 15, medium: 16, large: 18, extraLarge: 22 },
  fontWeights: { lighter: 400, default: 400, bolder: 700 },
  containerStyles: {
    default: style("paper", "quiet"), emphasis: style("soft", "quiet"), accent: style("soft", "quiet"),
    good: style("good-soft", "ink"), warning: style("warning-soft", "ink"), attention: style("danger-soft", "ink"),
  },
  actions: { maxActions: 6, buttonSpacing: 8, actionsOrientation: "horizontal", actionAlignment: "left", spacing: "default" },
  factSet: { title: { weight: "bolder", wrap: true, maxWidth: 150 }, value: { wrap: true }, spacing: 16 },
  table: { cellSpacing: 8 },
  inputs: { label: { requiredInputs: { weight: "bolder" }, optionalInputs: { weight: "bolder" } } },
};

let loading; // the package, once for the page

export async function draw(place, json, headingLevel) {
  const drawn = frame(await microsofts(), JSON.parse(json, wordsForPictures), headingLevel);
  place.replaceChildren();
  // a tree of its own: neither its names nor its look meet those of the page
  const root = place.attachShadow({ mode: "open" });
  await new Promise((resolve) => {
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = nextToThis("drawing.css");
    sheet.onload = sheet.onerror = resolve;
    root.append(sheet);
  });
  root.append(drawn);
}

function microsofts() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = nextToThis("adaptivecards.min.js");
    script.onload = () => {
      window.AdaptiveCards.AdaptiveCard.onProcessMarkdown = readMarkdown;
      resolve(window.AdaptiveCards);
    };
    script.onerror = () => {
      loading = undefined;
      reject(new Error("not loaded"));
    };
    document.head.append(script);
  });
  return loading;
}

// A picture that is fetched tells its server who reads.
function wordsForPictures(_, value) {
  if (value?.type !== "Image") return value;
  return { ...value, type: "RichTextBlock", inlines: [{ type: "TextRun", text: `[Picture: ${value.altText}]` }] };
}

function frame(AC, sent, headingLevel) {
  const card = new AC.AdaptiveCard();
  card.hostConfig = new AC.HostConfig({ ...LOOK, textBlock: { headingLevel } });
  card.parse(sent.card?.content ?? sent.attachments[0].content);
  const around = document.createElement("fieldset");
  around.disabled = true;
  around.setAttribute("aria-label", "A drawing: its buttons do nothing");
  if (sent.title) {
    const title = document.createElement("p"); // Teams draws it in the frame of a dialog
    title.className = "title";
    title.textContent = sent.title;
    around.append(title);
  }
  around.append(card.render());
  for (const link of around.querySelectorAll("a")) link.removeAttribute("href");
  for (const box of around.querySelectorAll("div[aria-labelledby]:not([role])")) {
    // the package names what is around a box to type and choose in, where nothing reads it out
    box.querySelector("input")?.setAttribute("aria-labelledby", box.getAttribute("aria-labelledby"));
    box.removeAttribute("aria-labelledby");
  }
  for (const stop of around.querySelectorAll("[tabindex]")) stop.removeAttribute("tabindex");
  return around;
}

// As much Markdown as Teams reads inside a line. Whatever looks like HTML is shown as it was typed.
function readMarkdown(text, result) {
  const shown = document.createElement("p");
  shown.textContent = text;
  const html = shown.innerHTML
    .replace(/\*\*(\S(?:.*?\S)?)\*\*/g, "<strong>$1</strong>")
    .replace(/(?<![\p{L}\p{N}\u200b])_(\S(?:.*?\S)?)_(?![\p{L}\p{N}\u200b])/gu, "<em>$1</em>")
    .replace(/\[([^\]]+)\]\((?:https?:|mailto:|tel:)[^\s)]*\)/g, "<a>$1</a>");
  result.outputHtml = html.split(/\n{2,}/).map((line) => `<p>${line}</p>`).join("");
  result.didProcess = true;
}
