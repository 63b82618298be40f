import { readEvents } from "./sse.js";

const ENDPOINT = "v1/digest/stream";
const BUSY = "urn:diemtin:problem:busy";
const MODEL_FAILED = "urn:diemtin:problem:model-failed";
const TRIES = 6;
const LONGEST_WAIT_S = 30;

/** What went wrong, in words for the reader; `again` says that trying again may help. */
export class DigestError extends Error {
  constructor(title, detail, again) {
    super(title);
    this.detail = detail;
    this.again = again;
  }
}

function fromProblem(problem) {
  const status = Number(problem.status) || 0;
  return new DigestError(
    String(problem.title || `The service answered ${status}`),
    String(problem.detail || ""),
    status >= 500 || status === 429,
  );
}

async function readProblem(response) {
  const problem = await response.json().catch(() => ({}));
  return { ...problem, status: response.status };
}

// A model that could not be loaded will not be in five seconds either.
const isWorthWaiting = ({ status, type }) => status === 503 && type !== MODEL_FAILED;

function lostConnection() {
  return new DigestError(
    "The connection was lost",
    "What had arrived is kept below. The item is still in the box, so it can be sent again.",
    true,
  );
}

/** Seconds that a Retry-After header asks for, whether a number or a date. */
export function retrySeconds(header, now = Date.now()) {
  const seconds = /^\d+$/.test(header ?? "") ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0.2), LONGEST_WAIT_S) : 3;
}

function sleep(seconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, seconds * 1000);
    signal.addEventListener("abort", stop, { once: true });
  });
}

async function send(body, signal) {
  try {
    return await fetch(ENDPOINT, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body,
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new DigestError(
      "The service cannot be reached",
      "Nothing was translated. Check the connection and that the service is running.",
      true,
    );
  }
}

async function open(body, signal, onWait) {
  for (let attempt = 1; ; attempt += 1) {
    const response = await send(body, signal);
    if (response.ok) return response;
    const problem = await readProblem(response);
    if (!isWorthWaiting(problem) || attempt === TRIES) throw fromProblem(problem);
    const seconds = retrySeconds(response.headers.get("Retry-After"));
    onWait(seconds, problem.type === BUSY);
    await sleep(seconds, signal);
  }
}

function decode({ name, data }) {
  try {
    return { name, data: JSON.parse(data) };
  } catch {
    throw new DigestError("The service sent something unreadable", "The item can be sent again.", true);
  }
}

/** Send one item and give its events as they come, ending with `done` or throwing. */
export async function* streamDigest(body, { signal, onWait }) {
  const response = await open(body, signal, onWait);
  try {
    for await (const raw of readEvents(response.body)) {
      const event = decode(raw);
      if (event.name === "error") throw fromProblem(event.data);
      yield event;
      if (event.name === "done") return;
    }
  } catch (error) {
    if (signal.aborted || error instanceof DigestError) throw error;
    throw lostConnection();
  }
  throw lostConnection();
}
