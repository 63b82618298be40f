import { build } from "./dom.js";
import { linkTo } from "./summary.js";

const STATUSES = { former: "former", ambiguous: "which one is not clear" };
const USED = "as in the glossary";
const NOT_USED = "not in the translation";

const fold = (text) => String(text).toLowerCase();
const capitalize = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// A narrow screen shows each row as a block without the table's head, so cells that do not
// speak for themselves carry their label along.
const showCell = (label, ...content) =>
  build("td", { role: "cell", ...(label && { "data-label": label }) }, ...content);

const showName = (text) =>
  build("th", { scope: "row", role: "rowheader" }, build("span", { lang: "vi" }, String(text)));

const showEnglish = (text) => build("span", { lang: "en" }, String(text));

function showTable(name, labels, rows) {
  const head = labels.map((label) => build("th", { scope: "col", role: "columnheader" }, label));
  return build(
    "table",
    { role: "table", "aria-label": name },
    build("thead", { role: "rowgroup" }, build("tr", { role: "row" }, ...head)),
    build("tbody", { role: "rowgroup" }, ...rows),
  );
}

function showReport(id, title, remark, table) {
  const parts = [build("summary", {}, title), table];
  if (remark) parts.splice(1, 0, build("p", { class: "remark" }, remark));
  return build("details", { class: "report", id }, ...parts);
}

const PLACE_LABELS = ["In the item", "English", "Province today", "What became of it"];

// A note may begin with the English name, which the row has already.
function tellNote({ english, note }) {
  const start = `${english}: `;
  return capitalize(note.startsWith(start) ? note.slice(start.length) : note);
}

function showPlace(place) {
  const { text, english, province, status } = place;
  const label = STATUSES[status];
  const mark = label ? [" ", build("span", { class: "tag" }, label)] : [];
  return build(
    "tr",
    { role: "row", "data-status": String(status) },
    showName(text),
    showCell("", showEnglish(english), ...mark),
    showCell(PLACE_LABELS[2], String(province)),
    showCell("", tellNote({ english: String(english), note: String(place.note) })),
  );
}

function showPlaces(places) {
  const table = showTable("Places", PLACE_LABELS, places.map(showPlace));
  return showReport("places", `Places (${places.length})`, "", table);
}

const TERM_LABELS = ["In the item", "Glossary’s English", "In the translation", "Paragraph"];
const TERM_REMARK =
  "A term that is not in the translation may be rephrased rightly; look at its paragraph.";

const isUsed = ({ used }) => used !== null && used !== undefined;

// The missing ones first, the reader's own before the built-in ones.
const rankOf = (term) => (isUsed(term) ? 2 : Number(!term.user));

// One row for a term that several paragraphs share.
function groupTerms(elements) {
  const groups = new Map();
  for (const { id, terms } of elements) {
    for (const term of terms ?? []) {
      const words = [term.source, term.target, term.used ?? ""];
      const key = JSON.stringify([words.map(fold), isUsed(term), term.user]);
      if (!groups.has(key)) groups.set(key, { term, ids: [] });
      groups.get(key).ids.push(id);
    }
  }
  return [...groups.values()].sort((one, other) => rankOf(one.term) - rankOf(other.term));
}

function showUse(term) {
  const { target, used, user } = term;
  if (!isUsed(term)) {
    return showCell("", build("strong", { class: user ? "unused own" : "unused" }, NOT_USED));
  }
  if (fold(used) === fold(target)) return showCell("", build("span", { class: "used" }, USED));
  return showCell(TERM_LABELS[2], showEnglish(used));
}

function showTerm({ term, ids }, numberOf) {
  const links = ids.filter((id) => numberOf(id)).map((id) => linkTo(id, numberOf(id)));
  const own = term.user ? [" ", build("span", { class: "tag" }, "yours")] : [];
  return build(
    "tr",
    { role: "row", "data-used": String(isUsed(term)) },
    showName(term.source),
    showCell("", showEnglish(term.target), ...own),
    showUse(term),
    showCell(TERM_LABELS[3], ...links.flatMap((link) => [link, " "])),
  );
}

function showTerms(elements, numberOf) {
  const terms = elements.flatMap((element) => element.terms ?? []);
  const used = terms.filter(isUsed).length;
  const rows = groupTerms(elements).map((group) => showTerm(group, numberOf));
  const title = `Terms (found ${terms.length}, used ${used})`;
  const remark = used < terms.length ? TERM_REMARK : "";
  return showReport("terms", title, remark, showTable("Terms", TERM_LABELS, rows));
}

/** The places that an item names and its glossary terms, closed until the reader asks. */
export class ReportsView {
  #root;

  constructor(root) {
    this.#root = root;
  }

  /** Show what the digest reports; nothing stands where a list is empty. */
  fill({ places, elements }, numberOf) {
    this.clear();
    if (places?.length) this.#root.append(showPlaces(places));
    if (elements.some(({ terms }) => terms?.length)) {
      this.#root.append(showTerms(elements, numberOf));
    }
    this.#root.hidden = !this.#root.hasChildNodes();
  }

  /** Take everything away. */
  clear() {
    this.#root.replaceChildren();
    this.#root.hidden = true;
  }
}
