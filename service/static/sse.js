/** Turns text that was cut anywhere into the events of an event stream. */
export class EventParser {
  #partial = "";
  #sawReturn = false;
  #name = "";
  #data = [];

  /** Take the next piece of text and give the events that it completes. */
  push(text) {
    if (text === "") return [];
    // A CRLF may be cut in two: its CR has already ended the line.
    const rest = this.#sawReturn && text[0] === "\n" ? text.slice(1) : text;
    this.#sawReturn = rest.endsWith("\r");
    const lines = (this.#partial + rest).split(/\r\n|\r|\n/);
    this.#partial = lines.pop();
    return lines.map((line) => this.#take(line)).filter((event) => event !== null);
  }

  #take(line) {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#name = value;
    if (field === "data") this.#data.push(value);
    return null;
  }

  #dispatch() {
    const event = { name: this.#name || "message", data: this.#data.join("\n") };
    const empty = this.#data.length === 0;
    this.#name = "";
    this.#data = [];
    return empty ? null : event;
  }
}

/** Read a byte stream as events; an event that the end cuts off is dropped. */
export async function* readEvents(stream) {
  const parser = new EventParser();
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(value);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
