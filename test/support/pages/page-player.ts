import vm from 'node:vm';

/** What of a page a person sees, and what they can do on it. */
export interface PlayedPage {
  /** What it says to the reader. */
  readonly message: string;
  /** Whether there is a form to fill in. */
  readonly hasForm: boolean;
  /** The address as the browser shows it. */
  readonly address: string;
  /** Fills the form in and sends it; resolves when the page has answered. */
  submit(fields: Record<string, string>): Promise<void>;
}

interface Control {
  textContent: string;
  hidden: boolean;
  disabled: boolean;
}

/**
 * Opens a link to a page as a browser would, so far as its program asks: loads the page, runs its
 * script, and sends what the script sends to the real api.
 *
 * @param link the address with the token behind `#`
 */
export async function openPage(link: string): Promise<PlayedPage> {
  const url = new URL(link);
  const html = await (await fetch(url)).text();
  const source = /<script src="([^"]+)"/.exec(html)?.[1] ?? '';
  const script = await (await fetch(new URL(source, url))).text();
  const message: Control = { textContent: '', hidden: false, disabled: false };
  const button: Control = { ...message };
  const listeners: ((event: { preventDefault(): void }) => Promise<void>)[] = [];
  const form = {
    ...{ hidden: true, dataset: { form: /data-form="([^"]+)"/.exec(html)?.[1] } },
    fields: {} as Record<string, string>,
    querySelector: () => button,
    addEventListener: (_: string, listener: (typeof listeners)[number]) => listeners.push(listener),
  };
  const shown = { address: link };
  vm.runInNewContext(script, {
    ...{ URLSearchParams, location: url },
    document: { getElementById: (id: string) => (id === 'form' ? form : message) },
    history: { replaceState: (_: unknown, __: string, path: string) => (shown.address = path) },
    fetch: (path: string, init: RequestInit) => fetch(new URL(path, url), init),
    FormData: function readFields() {
      return Object.entries(form.fields);
    },
  });
  return {
    get message() {
      return message.textContent;
    },
    get hasForm() {
      return !form.hidden;
    },
    get address() {
      return shown.address;
    },
    submit: async (fields) => {
      form.fields = fields;
      for (const listener of listeners) await listener({ preventDefault: () => undefined });
    },
  };
}
