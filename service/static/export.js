import { numberParagraphs } from "./article.js";
import { build } from "./dom.js";
import { allWarnings, kindName } from "./warnings.js";

const TITLE_LENGTH = 60;
const SKIPPED = new Set(["image", "furniture", "space"]);

/** Make text mean itself in Markdown, so that no source can add markup or HTML. */
export function escapeMarkdown(text) {
  return text
    .trim()
    .replace(/\s*[\r\n]\s*/g, " ")
    .replace(/[\\`*_[\]<&~|]/g, "\\$&")
    .replace(/^(\d+)([.)])(?=\s|$)/, "$1\\$2")
    .replace(/^([#>+=-])/, "\\$1");
}

const headlineOf = ({ elements }) => elements.find(({ kind }) => kind === "headline");

// The text and, in brackets after it, the numbers of paragraphs.
function mark(text, ids, numbers) {
  const known = ids.filter((id) => numbers.has(id)).map((id) => numbers.get(id));
  return known.length ? `${text} [${known.join(", ")}]` : text;
}

function formatTitle(headline, numbers) {
  const text = escapeMarkdown(headline?.target ?? "");
  return `# ${text ? mark(text, [headline.id], numbers) : "News item"}`;
}

function formatText(kind, text) {
  if (kind === "heading") return `### ${text}`;
  if (kind === "lead") return `**${text}**`;
  return kind === "paragraph" ? text : `*${text}*`;
}

const formatElement = ({ id, kind, source, target }, numbers) =>
  mark(formatText(kind, escapeMarkdown(target ?? source)), [id], numbers);

function formatSummary({ style, method, sentences }, numbers) {
  const told = sentences.map(({ text, paragraphs }) =>
    mark(escapeMarkdown(text), paragraphs ?? [], numbers),
  );
  const bullets = style === "bullets";
  return [
    `## Summary${method === "extractive" ? " (taken from the translation)" : ""}`,
    bullets ? told.map((sentence) => `- ${sentence}`).join("\n") : told.join(" "),
  ];
}

function formatWarning(warning, numbers) {
  const { kind, message, element, source_value: source, target_value: target } = warning;
  const values = [source && `Vietnamese: ${source}`, target && `English: ${target}`].filter(Boolean);
  const shown = values.length ? ` (${values.join("; ")})` : "";
  const name = mark(`**${escapeMarkdown(kindName(kind))}**`, [element], numbers);
  return `- ${name}: ${escapeMarkdown(message + shown)}`;
}

const nameModel = ({ model, revision, engine, engine_version: version }) =>
  `${model} (${revision}) on ${engine} ${version}`;

/** Which models made this, and what made them run: label and text pairs. */
export function describeOrigin({ provenance, timings }) {
  const seconds = (name) => `${Number(timings[`${name}_s`]).toFixed(2)} s`;
  return [
    ["Translation", nameModel(provenance.translator)],
    ...(provenance.summarizer ? [["Summary", nameModel(provenance.summarizer)]] : []),
    [
      "Time",
      `${seconds("total")}: reading ${seconds("parse")}, translating ${seconds("translate")}, ` +
        `summarizing ${seconds("summarize")}`,
    ],
    ["Made with", `diemtin ${provenance.package_version}`],
  ];
}

/** The digest as Markdown, just as `diemtin digest --format markdown` writes it. */
export function toMarkdown(digest) {
  const numbers = numberParagraphs(digest.elements);
  const headline = headlineOf(digest);
  const text = digest.elements
    .filter((each) => each !== headline && !SKIPPED.has(each.kind) && each.source.trim())
    .map((element) => formatElement(element, numbers));
  const warnings = allWarnings(digest);
  const origin = describeOrigin(digest).map(([label, value]) => `${label}: ${value}`);
  const parts = [
    formatTitle(headline, numbers),
    ...(digest.summary ? formatSummary(digest.summary, numbers) : []),
    "## English text",
    ...text,
    "## Warnings",
    warnings.map((warning) => formatWarning(warning, numbers)).join("\n") || "None.",
    "---",
    escapeMarkdown(origin.join(". ") + "."),
  ];
  return parts.join("\n\n") + "\n";
}

/** The digest as JSON, just as the service gave it. */
export const toJson = (digest) => JSON.stringify(digest, null, 2) + "\n";

/** A file name made of the English headline. */
export function fileName(digest, extension) {
  const slug = (headlineOf(digest)?.target ?? "")
    .normalize("NFD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, TITLE_LENGTH)
    .replace(/^-+|-+$/g, "");
  return `diemtin-${slug || "item"}.${extension}`;
}

/** Hand the reader a file that was made here. */
export function saveFile(name, type, content) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  build("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Put text on the clipboard, also where the page has no secure origin. */
export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = build("textarea", { class: "visually-hidden", "aria-hidden": "true" });
  area.value = text;
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  if (!copied) throw new Error("the browser did not allow it");
}
