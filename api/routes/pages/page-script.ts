/**
 * The program of the pages, as browsers run it: no library, and it calls nothing but the API. The
 * token stands behind `#`, which browsers send nowhere; it is taken out of the address at once, so
 * that it stays neither in the history nor on the screen.
 */
export const PAGE_SCRIPT = `'use strict';

const form = document.getElementById('form');
const message = document.getElementById('message');
const token = new URLSearchParams(location.hash.slice(1)).get('token');
history.replaceState(null, '', location.pathname);

async function call(path, body, headers = {}) {
  const response = await fetch('/api/v1' + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    credentials: 'omit',
  });
  const answer = response.status === 204 ? {} : await response.json();
  if (response.ok) return answer;
  const faults = (answer.errors ?? []).map((fault) => fault.message);
  throw new Error([answer.detail, ...faults].join(' '));
}

async function resetPassword({ password, repeated }) {
  if (password !== repeated) throw new Error('The two passwords are not the same.');
  await call('/auth/password/reset', { token, password });
  return 'Your new password is set, and every sign-in of before has ended. You can sign in now.';
}

async function acceptInvitation({ email, password, has_account }) {
  if (has_account === undefined) {
    await call('/auth/register', { email, password, invitation: token });
    return 'Your account is made, and you are a member now. You can sign in.';
  }
  const { access_token } = await call('/auth/login', { email, password });
  await call('/invitations/accept', { token }, { authorization: 'Bearer ' + access_token });
  return 'You are a member now.';
}

const actions = { 'password-reset': resetPassword, invitation: acceptInvitation };

async function submit(event) {
  event.preventDefault();
  const button = form.querySelector('button');
  button.disabled = true;
  message.textContent = 'One moment …';
  try {
    message.textContent = await actions[form.dataset.form](Object.fromEntries(new FormData(form)));
    form.hidden = true;
  } catch (error) {
    message.textContent = error.message;
  } finally {
    button.disabled = false;
  }
}

if (token) {
  message.textContent = '';
  form.hidden = false;
  form.addEventListener('submit', submit);
} else {
  message.textContent = 'This link is not complete. Open it as it stands in the mail.';
}
`;

/** How the pages look. */
export const PAGE_STYLE = `body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; color: #1a1a1a; background: #f4f5f7; }
main { max-width: 26rem; margin: 10vh auto; padding: 2rem; background: #fff; border-radius: 0.5rem; }
h1 { margin-top: 0; font-size: 1.4rem; }
label { display: block; margin-bottom: 1rem; }
input { display: block; box-sizing: border-box; width: 100%; padding: 0.5rem; font: inherit; }
.choice input { display: inline-block; width: auto; }
button { padding: 0.5rem 1rem; font: inherit; }
[hidden] { display: none; }
`;
