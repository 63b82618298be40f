import { byId } from "./dom.js";

const LARGEST_BYTES = 5_000_000;
const FORMATS = { txt: "text", html: "html", htm: "html" };

/** Read a dropped or chosen file; throws a sentence for the reader where it cannot be used. */
export async function readFile(file) {
  const extension = file.name.split(".").pop().toLowerCase();
  const format = FORMATS[extension];
  if (!format) throw new Error(`${file.name} is neither a .txt nor an .html file.`);
  if (file.size > LARGEST_BYTES) throw new Error(`${file.name} is larger than 5 MB.`);
  const bytes = await file.arrayBuffer();
  try {
    return { format, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    throw new Error(`${file.name} is not UTF-8 text. Save it as UTF-8 and open it again.`);
  }
}

/** Fills the box from files, and keeps what a file replaced. */
export class Intake {
  #text = byId("text");
  #format = byId("format");
  #note = byId("file-note");
  #putBack = byId("put-back");
  #earlier = null;

  constructor() {
    this.#text.addEventListener("input", () => this.#forgetHtml());
    this.#putBack.addEventListener("click", () => this.#restore());
    byId("file").addEventListener("change", (event) => this.#choose(event.target));
    this.#acceptDrops(document.documentElement);
  }

  // Text without a tag is not HTML, whatever was opened before it.
  #forgetHtml() {
    if (!this.#text.value.includes("<")) this.#format.value = "text";
  }

  #choose(input) {
    const [file] = input.files;
    if (file) this.#open(file);
    input.value = "";
  }

  // The whole page takes a drop: one that misses would make the browser leave and lose the text.
  #acceptDrops(page) {
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    page.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      page.classList.add("dropping");
    });
    page.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) page.classList.remove("dropping");
    });
    page.addEventListener("drop", (event) => {
      page.classList.remove("dropping");
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer.files.length) this.#open(event.dataTransfer.files[0]);
    });
  }

  async #open(file) {
    try {
      const { text, format } = await readFile(file);
      this.#replace(text, format);
      this.#say(`Opened ${file.name}.`, false);
    } catch (error) {
      this.#say(error.message, true);
    }
  }

  #replace(text, format) {
    const earlier = { text: this.#text.value, format: this.#format.value };
    this.#text.value = text;
    this.#format.value = format;
    this.#earlier = earlier.text.trim() ? earlier : null;
    this.#putBack.hidden = this.#earlier === null;
    this.#text.focus();
    this.#text.setSelectionRange(0, 0);
    this.#text.scrollTop = 0;
  }

  #restore() {
    const { text, format } = this.#earlier;
    this.#replace(text, format);
    this.#say("The text from before the file is back.", false);
    this.#putBack.hidden = true;
  }

  #say(message, bad) {
    this.#note.textContent = message;
    this.#note.classList.toggle("bad", bad);
  }
}
