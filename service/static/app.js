import { ArticleView } from "./article.js";
import { DigestError, streamDigest } from "./client.js";
import { build, byId } from "./dom.js";
import { copyText, describeOrigin, fileName, saveFile, toJson, toMarkdown } from "./export.js";
import { Intake } from "./intake.js";
import { ReportsView } from "./reports.js";
import { SummaryView } from "./summary.js";
import { allWarnings, countWarnings, unplacedWarnings } from "./warnings.js";

const FORMS = {
  markdown: { name: "Markdown", make: toMarkdown, extension: "md", type: "text/markdown" },
  json: { name: "JSON", make: toJson, extension: "json", type: "application/json" },
};

const title = document.title;
const main = byId("main");
const form = byId("compose");
const article = new ArticleView(byId("article"));
const summary = new SummaryView(byId("summary-body"));
const reports = new ReportsView(byId("reports"));
let controller = null;
let lastBody = null;
let digest = null;
let warningCount = 0;

function setState(state) {
  const running = state === "running";
  const moveFocus = document.activeElement === byId(running ? "translate" : "cancel");
  main.dataset.state = state;
  byId("results").setAttribute("aria-busy", String(running));
  byId("cancel").hidden = !running;
  byId("translate").disabled = running;
  if (moveFocus) byId(running ? "cancel" : "translate").focus({ preventScroll: true });
}

// A status is announced whenever it is set, so it is set only to something new.
function say(message) {
  if (byId("status").textContent !== message) byId("status").textContent = message;
}

function showCounts() {
  const { filled, total } = article.progress;
  byId("progress").max = Math.max(total, 1);
  byId("progress").value = filled;
  byId("warning-count").textContent = countWarnings(warningCount);
  byId("warning-count").classList.toggle("some", warningCount > 0);
  byId("warning-count").hidden = total === 0;
  return `${filled} of ${total} paragraphs`;
}

function showProgress() {
  const counts = showCounts();
  say(counts);
  document.title = `${counts} – ${title}`;
}

function clearAlert() {
  byId("alert").replaceChildren();
}

function showAlert(heading, detail, again) {
  const parts = [build("h2", {}, heading)];
  if (detail) parts.push(build("p", {}, detail));
  if (again) {
    const retry = build("button", { type: "button", id: "retry" }, "Try again");
    retry.addEventListener("click", () => {
      // The button goes with the alert; focus must not fall back to the top of the page.
      byId("translate").focus({ preventScroll: true });
      form.requestSubmit();
    });
    parts.push(retry);
  }
  byId("alert").replaceChildren(...parts);
  byId("alert").scrollIntoView({ block: "nearest" });
}

function clearResults() {
  digest = null;
  warningCount = 0;
  article.clear();
  reports.clear();
  byId("results").hidden = true;
  byId("actions").hidden = true;
  byId("action-note").textContent = "";
  byId("provenance").hidden = true;
  byId("warning-count").hidden = true;
}

const handlers = {
  article({ elements }) {
    clearResults();
    article.start(elements);
    summary.wait();
    byId("results").hidden = false;
    byId("progress").hidden = false;
    // Marks of an earlier item must not light up a row of this one.
    if (location.hash) history.replaceState(null, "", location.pathname + location.search);
    byId("run-bar").scrollIntoView({ block: "start" });
    showProgress();
  },
  element(element) {
    article.fill(element);
    warningCount += element.warnings?.length ?? 0;
    showProgress();
  },
  summary(result) {
    summary.fill(result, (id) => article.numberOf(id));
    warningCount += result.warnings?.length ?? 0;
    showProgress();
  },
  done(result) {
    digest = result;
    result.elements.forEach((element) => article.fill(element));
    if (result.summary) summary.fill(result.summary, (id) => article.numberOf(id));
    else summary.tellNone();
    summary.addWarnings(unplacedWarnings(result));
    reports.fill(result, (id) => article.numberOf(id));
    warningCount = allWarnings(result).length;
    showOrigin(result);
    byId("actions").hidden = false;
    say(`Done: ${showCounts()}`);
  },
};

function showOrigin(result) {
  const pairs = describeOrigin(result).map(([label, text]) =>
    build("div", {}, build("dt", {}, label), build("dd", {}, text)),
  );
  byId("provenance").replaceChildren(...pairs);
  byId("provenance").hidden = false;
}

function readForm() {
  return JSON.stringify({
    text: byId("text").value,
    format: byId("format").value,
    style: byId("style").value,
    max_words: byId("max-words").valueAsNumber,
    keep_diacritics: byId("keep-diacritics").checked,
  });
}

function findMistake() {
  if (!byId("text").value.trim()) {
    return { field: byId("text"), text: "Paste a Vietnamese item or open a file first." };
  }
  const words = byId("max-words");
  if (words.checkValidity()) return null;
  return { field: words, text: `“Words at most” takes a whole number from ${words.min} to ${words.max}.` };
}

function stop(error, cancelled) {
  article.closeOff();
  summary.closeOff();
  const { total } = article.progress;
  const arrived = total ? ` after ${showCounts()}` : "";
  say(cancelled ? `Cancelled${arrived}` : `Stopped${arrived}`);
  if (cancelled) return setState("cancelled");
  setState("failed");
  if (error instanceof DigestError) return showAlert(error.message, error.detail, error.again);
  console.error(error);
  return showAlert("This page could not show the answer", "The item can be sent again.", true);
}

async function run(body) {
  controller = new AbortController();
  const { signal } = controller;
  if (body !== lastBody) clearResults();
  lastBody = body;
  setState("running");
  say("Reading the item");
  const onWait = (seconds, busy) => {
    const reason = busy ? "The service is busy." : "The model is still loading.";
    say(`${reason} Trying again in ${Math.ceil(seconds)} s.`);
  };
  try {
    for await (const { name, data } of streamDigest(body, { signal, onWait })) {
      if (Object.hasOwn(handlers, name)) handlers[name](data);
    }
    setState("done");
  } catch (error) {
    stop(error, signal.aborted);
  } finally {
    document.title = title;
    byId("progress").hidden = true;
  }
}

function submit(event) {
  event.preventDefault();
  if (main.dataset.state === "running") return;
  clearAlert();
  const mistake = findMistake();
  if (mistake) {
    showAlert("Nothing was sent", mistake.text, false);
    mistake.field.focus();
    return;
  }
  run(readForm());
}

async function act({ action, form: formName }) {
  const { name, make, extension, type } = FORMS[formName];
  const note = byId("action-note");
  if (action === "download") {
    saveFile(fileName(digest, extension), type, make(digest));
    note.textContent = `${name} saved`;
    return;
  }
  try {
    await copyText(make(digest));
    note.textContent = `${name} copied`;
  } catch {
    note.textContent = `The browser did not let this page copy; download the ${name} instead.`;
  }
}

new Intake();
form.addEventListener("submit", submit);
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
byId("cancel").addEventListener("click", () => controller?.abort());
byId("actions").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) act(button.dataset);
});
