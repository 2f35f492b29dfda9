/** A browser without a screen: it follows links, keeps cookies, and fills in forms. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** Opens a page; redirects are followed until one leads to an address that stops it. */
  async open(address: string, stopAt?: string): Promise<BrowserPage> {
    return this.#go(address, {}, stopAt);
  }

  /** Sends the form of a page. */
  async submit(
    page: BrowserPage,
    fields: Record<string, string>,
    stopAt?: string,
  ): Promise<BrowserPage> {
    const action = /action="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const hidden = [...page.text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const body = new URLSearchParams({
      ...Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value])),
      ...fields,
    });
    return this.#go(new URL(action, page.url).href, { method: 'POST', body }, stopAt);
  }

  /** Forgets what it kept. */
  forget(): void {
    this.#cookies.clear();
  }

  async #go(address: string, init: RequestInit, stopAt?: string): Promise<BrowserPage> {
    let url = new URL(address);
    let options = init;
    for (let hop = 0; hop < 15; hop += 1) {
      if (stopAt !== undefined && url.href.startsWith(stopAt)) break;
      const headers = { cookie: this.#cookieHeader(url) };
      const response = await fetch(url, { ...options, headers, redirect: 'manual' });
      this.#keep(url, response.headers.getSetCookie());
      const text = await response.text();
      const location = response.headers.get('location');
      if (location === null) return { url: url.href, status: response.status, text };
      url = new URL(location, url);
      options = {};
    }
    return { url: url.href, status: 0, text: '' };
  }

  #cookieHeader(url: URL): string {
    const jar = this.#cookies.get(url.host) ?? new Map<string, string>();
    return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keep(url: URL, lines: readonly string[]): void {
    const jar = this.#cookies.get(url.host) ?? new Map<string, string>();
    this.#cookies.set(url.host, jar);
    for (const line of lines) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      const isEnded = /max-age=0|expires=Thu, 01 Jan 1970/i.test(line);
      if (isEnded) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }
}

/** What a browser shows. */
export interface BrowserPage {
  url: string;
  /** 0: it stopped before it asked. */
  status: number;
  text: string;
}
