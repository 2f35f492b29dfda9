import type { Actor } from '../auth/actor.ts';
import { mayAct } from './permissions.ts';

/** What can be done to a project. */
export type ProjectAction = 'read' | 'create' | 'update' | 'delete' | 'manage_members';

/** What the policy needs to know of a project. */
export interface ProjectTarget {
  organization_id: string;
}

/** Every member reads the projects of the organisation; admins write them. */
export function canProject(
  actor: Actor,
  action: ProjectAction,
  target: ProjectTarget | null | undefined,
): boolean {
  if (target?.organization_id !== actor.membership.organizationId) return false;
  return mayAct(actor, action, 'projects');
}
