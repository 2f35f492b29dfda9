import { z } from 'zod';
import { ROLES } from '../../policies/roles.ts';
import { emailSchema } from '../auth/schema.ts';
import { pageParameters } from '../page.ts';

/** Fields that name a person. */
const reference = { email: emailSchema.optional(), user_id: z.uuid().optional() };
const oneOfBoth = {
  message: 'Send either email or user_id.',
  path: ['email'],
};

/** Path of an organisation's members. */
export const inOrganization = z.strictObject({ id: z.uuid() });

/** Path of one member. */
export const oneMember = z.strictObject({ id: z.uuid(), user_id: z.uuid() });

/** A list of members. */
export const listMembersQuery = z.strictObject({ ...pageParameters });

/** A new member of an organisation. */
export const addMemberBody = z
  .strictObject({ ...reference, role: z.enum(ROLES) })
  .refine(namesOne, oneOfBoth)
  .meta({ id: 'AddMember', example: { email: 'ada@example.com', role: 'developer' } });

/** Another role. */
export const changeMemberBody = z
  .strictObject({ role: z.enum(ROLES) })
  .meta({ id: 'ChangeMember' });

/** A new member of a project. */
export const addProjectMemberBody = z
  .strictObject(reference)
  .refine(namesOne, oneOfBoth)
  .meta({ id: 'AddProjectMember', example: { email: 'ada@example.com' } });

function namesOne(body: { email?: string | undefined; user_id?: string | undefined }): boolean {
  return (body.email === undefined) !== (body.user_id === undefined);
}
