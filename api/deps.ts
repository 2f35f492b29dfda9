import type { Clock } from '../lib/clock.ts';
import type { KubeClient } from '../lib/kube/client.ts';
import type { Logger } from '../lib/logger.ts';
import type { SpanSink } from '../lib/span-sink.ts';
import type { AccessTokens } from './auth/access-tokens.ts';
import type { KeySet } from './auth/key-set.ts';
import type { PasswordHasher } from './auth/password-hasher.ts';
import type { SignInGuard } from './auth/sign-in-guard.ts';
import type { ApiConfig } from './config.ts';
import type { Database } from './db/database.ts';
import type { Mailer } from './mail/mailer.ts';
import type { Readiness } from './readiness.ts';
import type { ClassCatalogue } from './sync/classes/class-catalogue.ts';

/** Everything that the api is made of; put together in main.ts (and in tests), passed from there. */
export interface Dependencies {
  config: ApiConfig;
  log: Logger;
  clock: Clock;
  database: Database;
  /** The private keys; for signing approvals and publishing public halves. */
  keys: KeySet;
  tokens: AccessTokens;
  passwords: PasswordHasher;
  /** Makes guessing passwords slow. */
  signIns: SignInGuard;
  /** Undefined where no mail server is configured. */
  mailer: Mailer | undefined;
  /** Undefined where Kubernetes is disabled. */
  kube: KubeClient | undefined;
  /** The classes that can be requested. */
  classes: ClassCatalogue;
  readiness: Readiness;
  /** Where traces go; absent where no collector is configured. */
  spans?: SpanSink | undefined;
  /** Aborts when the process is to end: what lasts (a stream, for one) ends then. */
  stopping: AbortSignal;
}
