import { build } from "./dom.js";
import { showWarnings } from "./warnings.js";

const LABELS = {
  headline: "Headline",
  byline: "Byline",
  dateline: "Dateline",
  lead: "Lead",
  heading: "Heading",
  caption: "Caption",
  credit: "Credit",
  image: "Image",
  tags: "Tags",
  signature: "Signed",
};
const TRANSLATED = new Set(["headline", "lead", "paragraph", "heading", "caption", "tags"]);
const TEXT_TAGS = { headline: "h3", heading: "h4" };

/** Whether elements of this kind get an English text. */
export const isTranslated = (element) => TRANSLATED.has(element.kind);

/** The number that the reader sees beside each translated element, by the element's id. */
export function numberParagraphs(elements) {
  const shown = elements.filter((element) => isTranslated(element) && element.source.trim());
  return new Map(shown.map(({ id }, index) => [id, index + 1]));
}

/** The id that links to an element's row use. */
export const anchorOf = (id) => `element-${Number(id)}`;

function showLabel(element, number) {
  const label = build("p", { class: "label" });
  if (number) label.append(build("span", { class: "number" }, String(number)));
  if (LABELS[element.kind]) label.append(build("span", { class: "kind" }, LABELS[element.kind]));
  return label;
}

function showQuiet(element) {
  return build(
    "div",
    { class: "row aside", "data-kind": element.kind },
    showLabel(element),
    build("div", { class: "only" }, build("p", { lang: "vi" }, element.source.trim())),
  );
}

function showPair(element, number) {
  const tag = TEXT_TAGS[element.kind] ?? "p";
  return build(
    "div",
    { class: "row pair", id: anchorOf(element.id), tabindex: "-1", "data-kind": element.kind },
    showLabel(element, number),
    build("div", { class: "source" }, build(tag, { lang: "vi" }, element.source.trim())),
    build("div", { class: "target" }, build(tag, { lang: "en", class: "waiting" }, "…")),
  );
}

/** The item, Vietnamese beside English, filled row by row. */
export class ArticleView {
  #root;
  #rows = new Map();
  #asides = new Map();
  #filled = new Set();

  constructor(root) {
    this.#root = root;
  }

  /** Show the rows of an item that is about to be translated. */
  start(elements) {
    this.clear();
    const numbers = numberParagraphs(elements);
    for (const element of elements) {
      if (!element.source.trim()) continue;
      const number = numbers.get(element.id);
      const row = number ? showPair(element, number) : showQuiet(element);
      if (number) this.#rows.set(element.id, { row, number });
      else this.#asides.set(element.id, row.querySelector(".only"));
      this.#root.append(row);
    }
  }

  /** Put in the English text of one element, and what was found wrong with it. */
  fill(element) {
    const entry = this.#rows.get(element.id);
    if (!entry) {
      this.#fillQuiet(element);
      return;
    }
    const text = entry.row.querySelector(".target > :first-child");
    const translated = element.target !== null && element.target !== undefined;
    text.className = translated ? "" : "missing";
    text.textContent = translated ? element.target : "Not translated";
    this.#warn(text.parentNode, element);
    this.#filled.add(element.id);
  }

  // Names and credits have English too, but none that a model wrote.
  #fillQuiet(element) {
    const place = this.#asides.get(element.id);
    if (!place) return;
    place.parentNode.querySelector(".fixed")?.remove();
    if (element.target) {
      place.after(build("div", { class: "fixed" }, build("p", { lang: "en" }, element.target)));
    }
    this.#warn(place, element);
  }

  #warn(place, element) {
    place?.querySelector(".warnings")?.remove();
    place?.append(showWarnings(element.warnings));
  }

  /** Say of every row that is still empty that its text did not arrive. */
  closeOff() {
    for (const text of this.#root.querySelectorAll(".target > .waiting")) {
      text.className = "missing";
      text.textContent = "Did not arrive";
    }
  }

  /** Take everything away. */
  clear() {
    this.#root.replaceChildren();
    this.#rows.clear();
    this.#asides.clear();
    this.#filled.clear();
  }

  /** The number that the reader sees beside an element, or nothing. */
  numberOf(id) {
    return this.#rows.get(id)?.number;
  }

  /** How many rows there are to fill, and how many are filled. */
  get progress() {
    return { filled: this.#filled.size, total: this.#rows.size };
  }
}
