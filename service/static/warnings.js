import { build } from "./dom.js";

const NAMES = {
  number: "Number",
  date: "Date",
  name: "Name",
  untranslated: "Untranslated",
  repetition: "Repetition",
  length: "Length",
  truncated: "Cut short",
  summary: "Summary",
  term: "Term",
  omission: "Left out",
  addition: "Added",
  negation: "Negation",
};

/** The reader's word for a kind of warning. */
export const kindName = (kind) => NAMES[kind] ?? String(kind);

const present = (value) => value !== null && value !== undefined && value !== "";

function showValue(label, lang, value) {
  const shown = present(value)
    ? build("dd", { lang }, String(value))
    : build("dd", { class: "none" }, "not found");
  return build("div", {}, build("dt", {}, label), shown);
}

function showWarning(warning) {
  const item = build(
    "li",
    { class: "warning", "data-kind": String(warning.kind) },
    build("strong", {}, kindName(warning.kind)),
    " ",
    build("span", { class: "message" }, String(warning.message)),
  );
  if (present(warning.source_value) || present(warning.target_value)) {
    item.append(
      build(
        "dl",
        { class: "values" },
        showValue("Vietnamese", "vi", warning.source_value),
        showValue("English", "en", warning.target_value),
      ),
    );
  }
  return item;
}

/** A list of warnings, or nothing where there is none. */
export function showWarnings(warnings) {
  if (!warnings?.length) return "";
  return build("ul", { class: "warnings", "aria-label": "Warnings" }, ...warnings.map(showWarning));
}

const keyOf = (warning) =>
  JSON.stringify([
    warning.kind,
    warning.message,
    warning.element,
    warning.source_value,
    warning.target_value,
  ]);

const placedWarnings = ({ elements, summary }) => [
  ...elements.flatMap((element) => element.warnings ?? []),
  ...(summary?.warnings ?? []),
];

/** The digest's warnings that no element and no summary shows. */
export function unplacedWarnings(digest) {
  const seen = new Set(placedWarnings(digest).map(keyOf));
  return (digest.warnings ?? []).filter((warning) => !seen.has(keyOf(warning)));
}

/** Every warning of a digest once: the elements', the summary's, then any that neither shows. */
export const allWarnings = (digest) => [...placedWarnings(digest), ...unplacedWarnings(digest)];

/** "No warnings", "1 warning", "3 warnings". */
export function countWarnings(count) {
  if (count === 0) return "No warnings";
  return count === 1 ? "1 warning" : `${count} warnings`;
}
