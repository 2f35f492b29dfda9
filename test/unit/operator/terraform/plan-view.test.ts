import { expect } from 'chai';
import { MASK } from '../../../../lib/redaction.ts';
import { buildMask } from '../../../../lib/redaction.ts';
import {
  buildPlanView,
  collectPlanSecrets,
} from '../../../../operator/terraform/build-plan-view.ts';
import {
  findMovedResources,
  fingerprintPlan,
} from '../../../../operator/terraform/compare-plans.ts';
import { listAttributes } from '../../../../operator/terraform/list-attributes.ts';
import { parsePlanJson, type Change } from '../../../../operator/terraform/plan-json.ts';

const show = (text: string): string => text;

function changeOf(change: Partial<Change>): Change {
  return {
    actions: ['update'],
    before: null,
    after: null,
    after_unknown: {},
    before_sensitive: {},
    after_sensitive: {},
    ...change,
  };
}

function planOf(changes: Record<string, Partial<Change>>) {
  return {
    resource_changes: Object.entries(changes).map(([address, change]) => ({
      address,
      type: 'thing',
      change: changeOf(change),
    })),
    resource_drift: [],
  };
}

describe('attributes of a planned change', () => {
  const CASES: { title: string; change: Partial<Change>; shows: unknown }[] = [
    {
      title: 'hide what the engine calls sensitive, before and after',
      change: {
        before: { key: 'old-secret' },
        after: { key: 'new-secret' },
        before_sensitive: { key: true },
        after_sensitive: { key: true },
      },
      shows: [{ path: 'key', before: { hidden: 'sensitive' }, after: { hidden: 'sensitive' } }],
    },
    {
      title: 'hide a value that only becomes sensitive',
      change: { before: { key: 'a' }, after: { key: 'b' }, after_sensitive: { key: true } },
      shows: [{ path: 'key', before: { hidden: 'sensitive' }, after: { hidden: 'sensitive' } }],
    },
    {
      title: 'hide a structure with a sensitive value deep inside',
      change: {
        after: { a: { b: { c: { d: { e: { f: { g: 's3cret' } } } } } } },
        after_sensitive: { a: { b: { c: { d: { e: { f: { g: true } } } } } } },
      },
      shows: [{ path: 'a.b.c.d.e.f', after: { hidden: 'sensitive' } }],
    },
    {
      title: 'say which are known only after apply',
      change: { before: { id: '1' }, after: {}, after_unknown: { id: true } },
      shows: [{ path: 'id', before: { json: '"1"' }, after: { hidden: 'known after apply' } }],
    },
    {
      title: 'leave out what stays',
      change: { before: { a: 1, b: 2 }, after: { a: 1, b: 3 } },
      shows: [{ path: 'b', before: { json: '2' }, after: { json: '3' } }],
    },
    {
      title: 'show everything of what is new, without what is not set',
      change: { after: { name: 'x', size: null, tags: ['a'] } },
      shows: [
        { path: 'name', after: { json: '"x"' } },
        { path: 'tags[0]', after: { json: '"a"' } },
      ],
    },
    {
      title: 'mark what forces the replacement',
      change: {
        before: { zone: 'a' },
        after: { zone: 'b' },
        replace_paths: [['zone']],
      },
      shows: [
        { path: 'zone', before: { json: '"a"' }, after: { json: '"b"' }, forcesReplacement: true },
      ],
    },
    {
      title: 'compare values of different kinds as a whole',
      change: { before: { a: 'text' }, after: { a: { b: 1 } } },
      shows: [{ path: 'a', before: { json: '"text"' }, after: { json: '{"b":1}' } }],
    },
  ];
  for (const { title, change, shows } of CASES) {
    it(title, () => {
      expect(listAttributes(changeOf(change), show)).to.deep.equal(shows);
    });
  }
});

describe('a plan as people see it', () => {
  it('puts what is destroyed and replaced first and leaves out what stays', () => {
    const plan = planOf({
      'thing.new': { actions: ['create'] },
      'thing.same': { actions: ['no-op'] },
      'thing.swapped': { actions: ['create', 'delete'] },
      'thing.changed': { actions: ['update'] },
      'thing.gone': { actions: ['delete'] },
    });
    const { resources } = buildPlanView(plan, '', show);
    expect(resources.map(({ address, action }) => `${action} ${address}`)).to.deep.equal([
      'delete thing.gone',
      'replace thing.swapped',
      'update thing.changed',
      'create thing.new',
    ]);
  });

  it('masks a sensitive value also where the engine does not know it', () => {
    const plan = planOf({
      'thing.one': {
        before: { input: 's3cret-value', output: 'prefix s3cret-value' },
        after: { input: 'n3w-value', output: 'x' },
        before_sensitive: { input: true },
        after_sensitive: { input: true },
      },
    });
    const mask = buildMask(collectPlanSecrets(plan));
    const view = buildPlanView(plan, 'output = "s3cret-value" -> "n3w-value"', mask);
    expect(JSON.stringify(view)).not.to.match(/s3cret-value|n3w-value/);
    expect(view.text).to.equal(`output = "${MASK}" -> "${MASK}"`);
  });

  it('is bounded, and says how much is left out', () => {
    const many = Object.fromEntries(
      Array.from({ length: 400 }, (_, index) => [
        `thing.r${index}`,
        {
          actions: ['create'],
          after: Object.fromEntries(Array.from({ length: 80 }, (_, n) => [`a${n}`, n])),
        },
      ]),
    );
    const view = buildPlanView(planOf(many), 'x'.repeat(2_000_000), show);
    expect(view.resources).to.have.length(300);
    expect(view.resourcesOmitted).to.equal(100);
    expect(view.resources[0]?.attributesOmitted).to.equal(20);
    expect(view.text.length).to.be.below(500_000);
  });

  it('refuses text that is not a plan, without repeating it', () => {
    for (const text of ['s3cret', '{"resource_changes": [{"s3cret": 1}]}', 'null']) {
      expect(() => parsePlanJson(text))
        .to.throw()
        .with.property('message')
        .that.does.not.match(/s3cret/);
    }
  });
});

describe('two plans of the same inputs', () => {
  const base = { before: { size: 1 }, after: { size: 2 } };
  const CASES: { title: string; current: Record<string, Partial<Change>>; moved: string[] }[] = [
    { title: 'are alike when nothing has moved', current: { 'thing.a': base }, moved: [] },
    {
      title: 'are alike when only computed values differ',
      current: { 'thing.a': { ...base, after: { size: 2, time: 'later' } } },
      moved: [],
    },
    {
      title: 'differ when what is there was changed by somebody else',
      current: { 'thing.a': { ...base, before: { size: 7 } } },
      moved: ['thing.a'],
    },
    {
      title: 'differ when what was there is gone',
      current: { 'thing.a': { ...base, actions: ['create'], before: null } },
      moved: ['thing.a'],
    },
    {
      title: 'differ when there is more to do',
      current: { 'thing.a': base, 'thing.b': { actions: ['create'] } },
      moved: ['thing.b'],
    },
    { title: 'differ when there is less to do', current: {}, moved: ['thing.a'] },
  ];
  for (const { title, current, moved } of CASES) {
    it(title, () => {
      const saved = fingerprintPlan(planOf({ 'thing.a': base }));
      expect(findMovedResources(saved, fingerprintPlan(planOf(current)))).to.deep.equal(moved);
    });
  }
});
