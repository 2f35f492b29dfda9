import { randomBytes } from 'node:crypto';
import type { KubeConfig } from '@kubernetes/client-node';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { ApiClient } from './api-client.ts';
import type { Narrator } from './narrator.ts';

/** The platform that the demo plays on. */
export interface Stage {
  apiUrl: string;
  adminEmail: string;
  adminPassword: string;
  /** Path of a kubeconfig with administrator rights. */
  kubeconfig: string;
  /** Context of that file, where it is not its current one. */
  context: string | undefined;
  /** Path of kubectl. */
  kubectl: string;
}

/** Somebody in the story. */
export interface Person {
  email: string;
  password: string;
  api: ApiClient;
}

/** A request in the story, as far as it got. */
export interface StoryRequest {
  id: string;
  name: string;
  etag: string | undefined;
}

/** What the steps share. */
export interface World {
  stage: Stage;
  narrator: Narrator;
  kube: KubeClient;
  kubeConfig: KubeConfig;
  /** Ends every wait when the demo is interrupted. */
  signal: AbortSignal;
  /** Makes the names of this run new, so that the demo can be played again on the same platform. */
  suffix: string;
}

/** Who and where, once the tenancy stands. */
export interface Tenancy {
  admin: Person;
  developer: Person;
  approver: Person;
  stranger: Person;
  organizationId: string;
  projectId: string;
  namespace: string;
}

/** A short random suffix of letters and digits that starts with a letter. */
export function randomSuffix(): string {
  return `x${randomBytes(3).toString('hex')}`;
}

/** A password that nobody has to remember. */
export function randomPassword(): string {
  return randomBytes(18).toString('base64url');
}
