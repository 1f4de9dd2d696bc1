// The one way to the server: JSON or bytes, CSRF header, and errors as the sentence that the server said.
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    /** What the server said beside the sentence. */
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** The request never reached an answer: offline, or the server is down. Worth trying again. */
export class NetworkError extends Error {}

function csrfFromCookie(): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? '';
}

async function errorOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) ?? {};
  const sentence = body.message ?? body.detail ?? `The server answered ${response.status} ${response.statusText}.`;
  return new ApiError(sentence, response.status, body);
}

/** A page that needs a signed-in person answers whoever is not with the sign-in page. */
function wasSentToSignIn({ redirected, url }: Response): boolean {
  return redirected && new URL(url).pathname.startsWith('/accounts/login');
}

/** Fetches url; raises ApiError with the server's sentence for 4xx/5xx and NetworkError when there was no answer. */
export async function request(url: string, init: RequestInit = {}, csrfToken = csrfFromCookie()): Promise<Response> {
  const headers = new Headers(init.headers);
  if (init.method && init.method !== 'GET') headers.set('X-CSRFToken', csrfToken);
  let response: Response;
  try {
    response = await fetch(url, { credentials: 'same-origin', ...init, headers });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new NetworkError('The server cannot be reached. Check the connection.');
  }
  if (wasSentToSignIn(response)) throw new ApiError('Sign in first.', 401);
  if (!response.ok) throw await errorOf(response);
  return response;
}

export async function getJson<T>(url: string): Promise<T> {
  return (await request(url, { headers: { Accept: 'application/json' } })).json();
}

export async function postJson<T>(url: string, body: unknown, csrfToken?: string, init: RequestInit = {}): Promise<T> {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
  return (await request(url, { ...init, method: 'POST', headers, body: JSON.stringify(body) }, csrfToken)).json();
}

/** Replaces what is at url; with keepalive the browser sends it even while the page is being left. */
export async function putJson<T>(url: string, body: unknown, csrfToken?: string, keepalive = false): Promise<T> {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
  const init = { method: 'PUT', headers, body: JSON.stringify(body), keepalive };
  return (await request(url, init, csrfToken)).json();
}

export async function getBytes(url: string, signal?: AbortSignal): Promise<ArrayBuffer> {
  return (await request(url, { signal })).arrayBuffer();
}
