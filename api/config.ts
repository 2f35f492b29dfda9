import { z } from 'zod';
import { readEnvironment } from '../lib/env.ts';
import {
  groupRolesSchema,
  issuerUrlSchema,
  trustedIssuersSchema,
} from './auth/issuers/settings.ts';

const settings = z.object({
  /** At its end, for how long it answers on connections that clients keep, asking them to go. */
  DRAIN_SECONDS: z.coerce.number().min(0).max(60).default(0),
  /** Address to listen on. */
  HOST: z.string().default('0.0.0.0'),
  PORT: z.coerce.number().int().min(0).max(65535).default(8080),
  /** The address that users reach the api at; also the issuer of its tokens. */
  PUBLIC_URL: z.url().default('http://127.0.0.1:8080'),
  /** Login of the app role. */
  DATABASE_URL: z.string().min(1),
  /** Login of the system role. */
  SYSTEM_DATABASE_URL: z.string().min(1),
  /** Most connections of each of the two pools. */
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(200).default(10),
  /** A kubeconfig file; the pod's own service account where it is absent. */
  KUBECONFIG: z.string().optional(),
  KUBE_CONTEXT: z.string().optional(),
  /** `disabled`: accounts and records only; nothing is provisioned. */
  KUBERNETES: z.enum(['enabled', 'disabled']).default('enabled'),
  /** Where the classes stand, as YAML, while Kubernetes is disabled. */
  CLASSES_DIRECTORY: z.string().optional(),
  SYSTEM_NAMESPACE: z.string().default('quartermaster-system'),
  RUNS_NAMESPACE: z.string().default('quartermaster-runs'),
  /** Accounts of classes, in that namespace, whose modules work in the namespaces of projects. */
  PROJECT_RUNNER_ACCOUNTS: z.string().default('quartermaster-class-postgres').transform(splitList),
  /** Keeps the signing keys in files instead of a Secret. */
  KEYS_DIRECTORY: z.string().optional(),
  /** Who may make an account: anyone, who was invited by mail, or nobody. */
  REGISTRATION: z.enum(['open', 'invitation', 'closed']).default('open'),
  /** Whether anyone may look around for an hour, in an organisation of their own. */
  GUESTS: z.enum(['enabled', 'disabled']).default('disabled'),
  /** The issuer that people sign in at (OpenID Connect); with it, the id of the client there. */
  OIDC_ISSUER: issuerUrlSchema.optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  /** Absent for a public client. */
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_SCOPES: z.string().default('openid email profile'),
  /** The claim with a person's groups. */
  OIDC_GROUPS_CLAIM: z.string().min(1).default('groups'),
  /** Which groups give which roles: `[{"group": …, "organization": slug, "role": …}]`. */
  OIDC_ROLES: groupRolesSchema.prefault('[]'),
  /** Whose access tokens are taken beside our own: `[{"issuer": …, "audience": …}]`. */
  TRUSTED_ISSUERS: trustedIssuersSchema.prefault('[]'),
  /** Where links in mails lead; the api's own pages where it is absent. */
  WEB_URL: z.url().optional(),
  /** The mail server: `smtp://user:password@host:587`, or `smtps://`. Without it no mail is sent. */
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  /** The sender of mails. */
  MAIL_FROM: z.string().min(3).optional(),
  /** Origins whose pages may call the api from a browser, parted by commas; `*` for all. */
  CORS_ORIGINS: z.string().default('').transform(splitList),
  /** Networks beyond the public internet that webhooks may call, in CIDR notation. */
  WEBHOOK_ALLOWED_NETWORKS: z.string().default('').transform(splitList),
  /** How many proxies stand in front; so many last entries of X-Forwarded-For are believed. */
  PROXY_HOPS: z.coerce.number().int().min(0).max(10).default(0),
  /** Most calls a minute of one person or key, per replica. */
  RATE_LIMIT_PER_PRINCIPAL: z.coerce.number().int().min(1).default(6_000),
  /** Most calls a minute from one address, per replica. */
  RATE_LIMIT_PER_ADDRESS: z.coerce.number().int().min(1).default(12_000),
  /** Most sign-ins, registrations and the like a minute from one address, per replica. */
  RATE_LIMIT_SIGN_IN: z.coerce.number().int().min(1).default(120),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
});

const schema = settings.superRefine((config, context) => {
  if (config.OIDC_ISSUER !== undefined && config.OIDC_CLIENT_ID === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['OIDC_CLIENT_ID'],
      message: 'needed with OIDC_ISSUER',
    });
  }
  if (config.SMTP_URL !== undefined && config.MAIL_FROM === undefined) {
    context.addIssue({ code: 'custom', path: ['MAIL_FROM'], message: 'needed with SMTP_URL' });
  }
});

/** The configuration of the api. */
export type ApiConfig = Readonly<z.output<typeof schema>>;

/**
 * Reads the configuration from an environment.
 *
 * @throws {ConfigurationError} with every fault
 */
export function readApiConfig(environment: Record<string, string | undefined>): ApiConfig {
  return readEnvironment(schema, environment);
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
