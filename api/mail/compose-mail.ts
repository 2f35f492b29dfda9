import type { Mail } from './mailer.ts';

/** What the mail of an invitation says. */
export interface InvitationMail {
  to: string;
  organization: string;
  role: string;
  link: string;
  expiresAt: Date;
}

/** The mail that invites somebody. The subject carries nothing that a stranger wrote. */
export function composeInvitation(invitation: InvitationMail): Mail {
  const { to, organization, role, link, expiresAt } = invitation;
  return {
    to,
    subject: 'You are invited to Quartermaster',
    text: lines(
      'Hello,',
      '',
      `you are invited to the organisation "${oneLine(organization)}" as ${role}.`,
      'Open this link to accept:',
      '',
      link,
      '',
      `It works once, until ${expiresAt.toISOString()}.`,
      'If you do not know what this is about, you need not do anything.',
    ),
  };
}

/** The mail with which somebody chooses a new password. */
export function composePasswordReset(reset: { to: string; link: string; expiresAt: Date }): Mail {
  return {
    to: reset.to,
    subject: 'Your new password for Quartermaster',
    text: lines(
      'Hello,',
      '',
      'somebody, probably you, asked for a new password for this address.',
      'Open this link to choose one:',
      '',
      reset.link,
      '',
      `It works once, until ${reset.expiresAt.toISOString()}.`,
      'If it was not you, you need not do anything: your password stays as it is.',
    ),
  };
}

/** A link to a page; the token stands behind `#`, so that no server on the way logs it. */
export function buildLink(baseUrl: string, page: string, token: string): string {
  return `${baseUrl.replace(/\/$/, '')}/${page}#token=${token}`;
}

function lines(...texts: string[]): string {
  return `${texts.join('\n')}\n`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
