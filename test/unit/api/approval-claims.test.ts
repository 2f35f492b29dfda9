import { expect } from 'chai';
import { buildApprovalClaims } from '../../../api/approvals/build-approval-claims.ts';
import { describeTarget } from '../../../api/middleware/audit-denial.ts';
import { compileParameterValidator } from '../../../api/sync/classes/parameter-validator.ts';
import { classDigest } from '../../../crds/approval.ts';
import { resourceClassSchema, type ResourceClassSpec } from '../../../crds/resource-class.ts';
import { parseDuration } from '../../../lib/duration.ts';
import { buildClass } from '../../support/requests/class-objects.ts';

describe('the claims of an approval', () => {
  const now = new Date('2026-01-01T00:00:00.900Z');
  const specOf = (changes: object = {}): ResourceClassSpec =>
    resourceClassSchema.parse(buildClass('trivial', changes)).spec;
  const claimsOf = (
    changes: object = {},
    subject: object = {},
  ): ReturnType<typeof buildApprovalClaims> =>
    buildApprovalClaims(
      {
        ...{ classSpec: specOf(changes), namespace: 'acme-shop', name: 'db' },
        parameters: { text: 'a' },
        ...subject,
      },
      { approver: { id: 'someone', email: 'someone@example.com' }, id: 'jti-1', now },
    );

  it('name approver, resource, class and time', () => {
    expect(claimsOf()).to.include({
      ...{ iss: 'quartermaster', sub: 'someone', name: 'someone@example.com', jti: 'jti-1' },
      ...{ request: 'acme-shop/db', class: classDigest(specOf()) },
      iat: Date.parse('2026-01-01T00:00:00Z') / 1000,
    });
  });

  it('end when the class says, or after seven days', () => {
    const short = claimsOf({ approval: { expiresAfter: '1h30m' } });
    expect(short.exp - short.iat).to.equal(5_400);
    const usual = claimsOf({ approval: {} });
    expect(usual.exp - usual.iat).to.equal(7 * 86_400);
  });

  for (const [what, changes, subject] of [
    ['the class', { engine: 'terraform' }, {}],
    ['the namespace', {}, { namespace: 'acme-other' }],
    ['the name', {}, { name: 'other' }],
    ['the parameters', {}, { parameters: { text: 'b' } }],
  ] as const) {
    it(`are for other inputs when ${what} is another`, () => {
      expect(claimsOf(changes, subject).inputs).not.to.equal(claimsOf().inputs);
    });
  }

  it('are for the same inputs when only the description of the class is another', () => {
    expect(claimsOf({ title: 'Other' }).inputs).to.equal(claimsOf().inputs);
  });
});

describe('the parameters of a class', () => {
  const validate = compileParameterValidator({
    type: 'object',
    required: ['size'],
    additionalProperties: false,
    properties: {
      size: { enum: ['small', 'large'] },
      hosts: { type: 'array', items: { type: 'string', format: 'hostname' } },
      'a/b': { type: 'object', required: ['~c'] },
    },
  });

  for (const [what, parameters, faults] of [
    ['a missing one', {}, [['/parameters/size', 'is required']]],
    [
      'an unknown one',
      { size: 'small', extra: 1 },
      [['/parameters/extra', 'is not a parameter of this class']],
    ],
    [
      'one that is none of the choices',
      { size: 'tiny' },
      [['/parameters/size', 'must be one of ["small","large"]']],
    ],
    [
      'an element of a list',
      { size: 'small', hosts: ['a', '-'] },
      [['/parameters/hosts/1', 'must match format "hostname"']],
    ],
    [
      'names that a pointer must escape',
      { size: 'small', 'a/b': {} },
      [['/parameters/a~1b/~0c', 'is required']],
    ],
  ] as const) {
    it(`are refused with a pointer for ${what}`, () => {
      const found = validate(parameters).map(({ pointer, message }) => [pointer, message]);
      expect(found).to.deep.equal(faults);
    });
  }

  it('are taken as they are when they are good', () => {
    expect(validate({ size: 'small', hosts: ['example.com'] })).to.deep.equal([]);
  });

  it('are not repeated in the message', () => {
    const [fault] = validate({ size: 'hunter2' });
    expect(fault?.message).not.to.contain('hunter2');
  });
});

describe('a duration', () => {
  for (const [text, milliseconds] of [
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
  ] as const) {
    it(`${text} is ${milliseconds} ms`, () => {
      expect(parseDuration(text)).to.equal(milliseconds);
    });
  }
  for (const text of ['', '5', 'm', '-1s', '1 h', '1.5h']) {
    it(`is not "${text}"`, () => {
      expect(() => parseDuration(text)).to.throw(RangeError);
    });
  }
});

describe('what a denial was about', () => {
  for (const [method, path, expected] of [
    ['post', '/resource-requests', ['resource_request', 'create', undefined]],
    ['delete', '/resource-requests/{id}', ['resource_request', 'delete', 'id']],
    ['post', '/resource-requests/{id}/approve', ['resource_request', 'approve', 'id']],
    ['post', '/orgs/{org_id}/projects', ['project', 'create', 'org_id']],
    ['patch', '/orgs/{org_id}/projects/{id}', ['project', 'update', 'id']],
    ['get', '/audit-logs', ['audit_log', 'read', undefined]],
  ] as const) {
    it(`is ${expected[0]}.${expected[1]} for ${method} ${path}`, () => {
      const { type, verb, parameter } = describeTarget({ method, path });
      expect([type, verb, parameter]).to.deep.equal(expected);
    });
  }
});
