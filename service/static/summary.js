import { anchorOf } from "./article.js";
import { build } from "./dom.js";
import { showWarnings } from "./warnings.js";

const METHODS = {
  abstractive: "written by the model from the translation",
  extractive: "taken sentence by sentence from the translation",
};

/** A link to an element's row, by the number that the reader sees beside it. */
export function linkTo(id, number) {
  return build(
    "a",
    { class: "ref", href: `#${anchorOf(id)}` },
    build("span", { class: "visually-hidden" }, "paragraph "),
    String(number),
  );
}

function showSentence(tag, sentence, numberOf) {
  const links = (sentence.paragraphs ?? [])
    .filter((id) => numberOf(id))
    .map((id) => linkTo(id, numberOf(id)));
  const text = build("span", { class: "sentence", lang: "en" }, sentence.text.trim());
  const refs = links.length ? [build("span", { class: "refs" }, ...links)] : [];
  return build(tag, {}, text, ...refs);
}

function showBody(summary, numberOf) {
  const sentences = summary.sentences?.length ? summary.sentences : [{ text: summary.text }];
  const list = summary.style === "bullets";
  const shown = sentences.map((each) => showSentence(list ? "li" : "span", each, numberOf));
  if (list) return build("ul", { class: "digest" }, ...shown);
  return build("p", { class: "digest" }, ...shown.flatMap((node) => [node, " "]));
}

/** The summary, each sentence linked to the paragraphs that it stands on. */
export class SummaryView {
  #root;

  constructor(root) {
    this.#root = root;
  }

  /** Say where the summary will be. */
  wait() {
    const remark = "Summary comes last, after the paragraphs";
    this.#root.replaceChildren(build("p", { class: "placeholder" }, remark));
  }

  /** Say that a summary still awaited did not arrive. */
  closeOff() {
    const placeholder = this.#root.querySelector(".placeholder");
    if (placeholder) placeholder.textContent = "The summary did not arrive";
  }

  /** Say that an item without a paragraph has no summary. */
  tellNone() {
    const remark = "Nothing to summarize: the item has no paragraph";
    this.#root.replaceChildren(build("p", { class: "method" }, remark));
  }

  /** Show the summary and its warnings. */
  fill(summary, numberOf) {
    const method = METHODS[summary.method] ?? String(summary.method);
    this.#root.replaceChildren(
      showBody(summary, numberOf),
      build("p", { class: "method" }, `${summary.words} words, ${method}`),
      showWarnings(summary.warnings),
    );
  }

  /** Add the warnings that belong to no paragraph. */
  addWarnings(warnings) {
    this.#root.append(showWarnings(warnings));
  }
}
