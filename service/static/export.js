import { build } from "./dom.js";
import { allWarnings, kindName } from "./warnings.js";

const TITLE_LENGTH = 60;
const SKIPPED = new Set(["image", "space"]);

/** Make text mean itself in Markdown, so that no source can add markup or HTML. */
export function escapeMarkdown(text) {
  return text
    .trim()
    .replace(/\s*\n\s*/g, " ")
    .replace(/[\\`*_[\]<&~|]/g, "\\$&")
    .replace(/^(\d+)([.)])(?=\s|$)/, "$1\\$2")
    .replace(/^([#>+=-])/, "\\$1");
}

function headlineOf(digest) {
  const headline = digest.elements.find(({ kind, target }) => kind === "headline" && target);
  return headline?.target ?? "";
}

function formatElement({ kind, source, target }) {
  const text = escapeMarkdown(target ?? source);
  if (kind === "heading") return `### ${text}`;
  if (kind === "lead") return `**${text}**`;
  return kind === "paragraph" ? text : `*${text}*`;
}

function formatSummary(summary) {
  if (!summary) return "None.";
  const { style, text, sentences } = summary;
  if (style !== "bullets" || !sentences?.length) return escapeMarkdown(text);
  return sentences.map((sentence) => `- ${escapeMarkdown(sentence.text)}`).join("\n");
}

function formatWarning({ kind, message, source_value: source, target_value: target }) {
  const values = [source && `Vietnamese: ${source}`, target && `English: ${target}`].filter(Boolean);
  const shown = values.length ? ` (${values.join("; ")})` : "";
  return `- **${escapeMarkdown(kindName(kind))}**: ${escapeMarkdown(message + shown)}`;
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

/** The digest as Markdown: headline, summary, English text, warnings, provenance. */
export function toMarkdown(digest) {
  const text = digest.elements
    .filter(({ kind, source }) => !SKIPPED.has(kind) && kind !== "headline" && source.trim())
    .map(formatElement);
  const warnings = allWarnings(digest);
  const origin = describeOrigin(digest).map(([label, value]) => `${label}: ${value}`);
  const parts = [
    `# ${escapeMarkdown(headlineOf(digest)) || "News item"}`,
    "## Summary",
    formatSummary(digest.summary),
    "## English text",
    ...text,
    "## Warnings",
    warnings.length ? warnings.map(formatWarning).join("\n") : "None.",
    "---",
    escapeMarkdown(origin.join(". ") + "."),
  ];
  return parts.join("\n\n") + "\n";
}

/** The digest as JSON, just as the service gave it. */
export const toJson = (digest) => JSON.stringify(digest, null, 2) + "\n";

/** A file name made of the English headline. */
export function fileName(digest, extension) {
  const slug = headlineOf(digest)
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
