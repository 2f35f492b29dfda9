import { z } from 'zod';
import { requestNameSchema } from '../../../crds/resource-request.ts';
import { REQUEST_STATUSES } from '../../policies/request-transitions.ts';
import { pageParameters } from '../page.ts';

const parameters = z.record(z.string(), z.unknown());
const reason = z.string().trim().min(1).max(2000);

/** Path of one request. */
export const oneRequest = z.strictObject({ id: z.uuid() });

/** Path of one run; its name is a DNS subdomain. */
export const oneRun = z.strictObject({
  id: z.uuid(),
  run: z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/),
});

/** A list of requests. */
export const listRequestsQuery = z.strictObject({
  ...pageParameters,
  status: z.enum(REQUEST_STATUSES).optional(),
  project_id: z.uuid().optional(),
  class_name: z.string().max(63).optional(),
  /** `true`: only what the caller asked for. */
  mine: z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional(),
});

/** A list of what belongs to a request. */
export const listHistoryQuery = z.strictObject({ ...pageParameters });

/** A new request. */
export const createRequestBody = z
  .strictObject({
    project_id: z.uuid(),
    class_name: z.string().min(1).max(63),
    name: requestNameSchema,
    /** Checked against the schema of the class. */
    parameters: parameters.default({}),
    reason: reason.optional(),
  })
  .meta({ id: 'CreateResourceRequest' });

/** A change of a request; the parameters take the place of those before, as a whole. */
export const updateRequestBody = z
  .strictObject({ parameters, reason: reason.optional() })
  .meta({ id: 'UpdateResourceRequest' });

/** An approval. */
export const approveBody = z
  .strictObject({ comment: reason.optional() })
  .default({})
  .meta({ id: 'ApproveResourceRequest' });

/** A grant that was given before. */
export const revealBody = z
  .strictObject({ grant: z.string().min(1).max(100) })
  .meta({ id: 'RevealCredentials' });

/** A rejection; the requester gets to read why. */
export const rejectBody = z.strictObject({ reason }).meta({ id: 'RejectResourceRequest' });
