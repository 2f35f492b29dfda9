import { z } from 'zod';
import { readEnvironment } from '../lib/env.ts';
import {
  groupRolesSchema,
  issuerUrlSchema,
  trustedIssuersSchema,
} from './auth/issuers/settings.ts';
import { headersSchema } from './telemetry/headers-schema.ts';
import { namespacesSchema, quotaSchema } from './sync/relay/project-settings.ts';

/** Every setting of the api. */
export const apiSettings = z.object({
  /** At its end, for how long it answers on connections that clients keep, asking them to go. */
  DRAIN_SECONDS: z.coerce.number().min(0).max(60).default(0),
  /** Address to listen on. */
  HOST: z.string().default('0.0.0.0'),
  /** Port to listen on; 0 for any that is free. */
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
  /** The context of the kubeconfig, where it is not the current one. */
  KUBE_CONTEXT: z.string().optional(),
  /** `disabled`: accounts and records only; nothing is provisioned. */
  KUBERNETES: z.enum(['enabled', 'disabled']).default('enabled'),
  /** Where the classes stand, as YAML, while Kubernetes is disabled. */
  CLASSES_DIRECTORY: z.string().optional(),
  /** Where the signing keys and the public keys of approvals are. */
  SYSTEM_NAMESPACE: z.string().default('quartermaster-system'),
  /** Where runs and their logs are; no tenant has rights there. */
  RUNS_NAMESPACE: z.string().default('quartermaster-runs'),
  /** Accounts of classes, in that namespace, whose modules work in the namespaces of projects. */
  PROJECT_RUNNER_ACCOUNTS: z.string().default('quartermaster-class-postgres').transform(splitList),
  /** Limits of the namespace of each project: `name=quantity` as in a ResourceQuota; or `none`. */
  PROJECT_QUOTA: quotaSchema.prefault('pods=200,persistentvolumeclaims=50,requests.storage=2Ti'),
  /** Whether pods of a project are kept from the traffic of other namespaces. */
  PROJECT_ISOLATION: z.enum(['enabled', 'disabled']).default('enabled'),
  /** Namespaces whose pods may come in nevertheless, parted by commas: of ingress controllers. */
  PROJECT_INGRESS_NAMESPACES: namespacesSchema.prefault(''),
  /** Keeps the signing keys in files instead of a Secret. */
  KEYS_DIRECTORY: z.string().optional(),
  /** Who may make an account: anyone, who was invited by mail, or nobody. */
  REGISTRATION: z.enum(['open', 'invitation', 'closed']).default('open'),
  /** Whether anyone may look around for an hour, in an organisation of their own. */
  GUESTS: z.enum(['enabled', 'disabled']).default('disabled'),
  /** The issuer that people sign in at (OpenID Connect); with it, the id of the client there. */
  OIDC_ISSUER: issuerUrlSchema.optional(),
  /** The id of the client at the issuer; needed with OIDC_ISSUER. */
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  /** Absent for a public client. */
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  /** What the issuer is asked for. */
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
  /** Where traces go, by OTLP over HTTP: `http://collector:4318`. Without it none are sent. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** Headers for the collector: `name=value`, parted by commas. */
  OTEL_EXPORTER_OTLP_HEADERS: headersSchema.prefault(''),
  /** What traces call the api. */
  OTEL_SERVICE_NAME: z.string().min(1).default('quartermaster-api'),
  /** Which part of the traces that begin here is sent, from 0 to 1. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  /** The least that is logged. */
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
});

type Settings = z.output<typeof apiSettings>;

/** A fault of one setting must not hide that another is missing. */
const when = (): boolean => true;

const schema = apiSettings
  .refine((config: Partial<Settings>) => !config.OIDC_ISSUER || config.OIDC_CLIENT_ID, {
    ...{ path: ['OIDC_CLIENT_ID'], message: 'needed with OIDC_ISSUER', when },
  })
  .refine((config: Partial<Settings>) => !config.SMTP_URL || config.MAIL_FROM, {
    ...{ path: ['MAIL_FROM'], message: 'needed with SMTP_URL', when },
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
