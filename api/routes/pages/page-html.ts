/** A page that a link in a mail leads to. */
interface Page {
  title: string;
  /** What the form sends; the script chooses by it. */
  form: 'password-reset' | 'invitation';
  fields: string;
  button: string;
}

const PASSWORD_FIELDS = `
        <label>New password, of at least 8 characters
          <input name="password" type="password" minlength="8" maxlength="256" autocomplete="new-password" required />
        </label>
        <label>The same again
          <input name="repeated" type="password" minlength="8" maxlength="256" autocomplete="new-password" required />
        </label>`;

const INVITATION_FIELDS = `
        <label>Your e-mail address, which the invitation was sent to
          <input name="email" type="email" maxlength="320" autocomplete="username" required />
        </label>
        <label class="choice">
          <input name="has_account" type="checkbox" />
          I have an account here already
        </label>
        <label>Your password; a new one of at least 8 characters if you have no account yet
          <input name="password" type="password" maxlength="256" autocomplete="current-password" required />
        </label>`;

/** Where somebody chooses a new password. */
export const PASSWORD_RESET_PAGE = buildPage({
  title: 'Choose a new password',
  form: 'password-reset',
  fields: PASSWORD_FIELDS,
  button: 'Set the password',
});

/** Where somebody accepts an invitation. */
export const INVITATION_PAGE = buildPage({
  title: 'Join an organisation',
  form: 'invitation',
  fields: INVITATION_FIELDS,
  button: 'Accept the invitation',
});

/** Nothing of it comes from a request, so nothing has to be escaped. */
function buildPage({ title, form, fields, button }: Page): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="robots" content="noindex" />
    <title>${title} – Quartermaster</title>
    <link rel="stylesheet" href="/pages/page.css" />
    <script src="/pages/page.js" defer></script>
  </head>
  <body>
    <main>
      <h1>${title}</h1>
      <p id="message" role="status">This page needs JavaScript.</p>
      <form id="form" data-form="${form}" hidden>${fields}
        <button>${button}</button>
      </form>
    </main>
  </body>
</html>
`;
}
