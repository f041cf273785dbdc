// Requests to this API and to nothing else. The key lives in this module and goes with the page.

let key = '';

/** Where the API is: the page stands right below its prefix, whatever proxies are in front. */
const base = new URL('.', document.baseURI.split(/[?#]/)[0]);

export const session = {
  get hasKey() { return key !== ''; },
  use(text) { key = text; },
  forget() { key = ''; },
};

/** An answer that is not the one that was asked for. */
export class ApiError extends Error {
  constructor(status, problem, path) {
    super(problem?.detail ?? problem?.title ?? textOf(status));
    this.status = status;
    this.problem = problem;
    this.path = path;
  }
}

function textOf(status) {
  switch (status) {
    case 0: return 'The API cannot be reached. Check that the app is running and that you are online.';
    case 401: return 'The key is missing or wrong.';
    default: return `The API answered with status ${status} and no explanation.`;
  }
}

/** A path with its values escaped: `path\`manage/streams/${stream}\``. */
export function path(texts, ...values) {
  return texts.reduce((all, text, i) => all + encodeURIComponent(values[i - 1]) + text);
}

/** A query without what is empty. */
export function query(values) {
  const parameters = new URLSearchParams(Object.entries(values).filter(([, v]) => v !== null && v !== undefined && v !== ''));
  const text = parameters.toString();
  return text ? `?${text}` : '';
}

export const get = (to, signal) => send('GET', to, undefined, signal);

export const post = (to, body, signal, headers) => send('POST', to, body ?? {}, signal, headers);

export const remove = (to, signal) => send('DELETE', to, undefined, signal);

/** Lines of text, and where they go on. */
export async function getLines(to, signal) {
  const { text, response } = await exchange('GET', to, undefined, signal, { accept: '*/*' });
  return { lines: text, continuation: response.headers.get('x-continuation') };
}

async function send(...request) {
  return (await exchange(...request)).answer;
}

async function exchange(method, to, body, signal, more = {}) {
  const url = new URL(to, base);
  if (url.origin !== location.origin || !url.pathname.startsWith(base.pathname)) throw new Error('Requests go to this API only.');
  const headers = { accept: 'application/json', ...more };
  if (key) headers['x-functions-key'] = key;
  if (body !== undefined) {
    headers['content-type'] = 'application/json';
    headers['x-requested-with'] = 'console'; // No form of another site can send it.
  }
  let response;
  try {
    response = await fetch(url, {
      method, headers, signal, body: body === undefined ? undefined : stringify(body),
      credentials: 'same-origin', redirect: 'error', referrerPolicy: 'no-referrer', cache: 'no-store',
    });
  } catch (error) {
    throw error.name === 'AbortError' ? error : new ApiError(0, null, to);
  }
  const text = await response.text();
  const answer = text && /json/.test(response.headers.get('content-type') ?? '') ? parse(text) : null;
  if (!response.ok) throw new ApiError(response.status, answer, to);
  return { answer, text, response };
}

/** A number that a double would change; shown and sent as it was written. */
export class ExactNumber {
  constructor(source) { this.source = source; }
  toString() { return this.source; }
  toJSON() { return JSON.rawJSON ? JSON.rawJSON(this.source) : Number(this.source); }
}

export function parse(text) {
  return JSON.parse(text, (_, value, context) =>
    typeof value === 'number' && context?.source !== undefined && String(value) !== context.source && !isSame(value, context.source)
      ? new ExactNumber(context.source) : value);
}

// 1.0 and 1e2 are other spellings of a double; 0.1000000000000000055 and 9007199254740993 are not.
function isSame(value, source) {
  const digits = t => t.replace(/e.*$/i, '').replace(/[-.]/g, '').replace(/^0+|0+$/g, '');
  return Number.isFinite(value) && (digits(String(value)) === digits(source));
}

export function stringify(value, space) {
  return JSON.stringify(value, null, space);
}

/** The request for a terminal. The key stays out of it. */
export function asCurl(method, to, body) {
  const quote = text => `'${text.replaceAll("'", "'\\''")}'`;
  const lines = ['curl', method === 'GET' ? '' : `-X ${method}`, quote(new URL(to, base).href), '-H "x-functions-key: $KEY"'];
  if (body !== undefined) lines.push("-H 'content-type: application/json'", `-d ${quote(stringify(body))}`);
  return lines.filter(l => l).join(' ');
}
