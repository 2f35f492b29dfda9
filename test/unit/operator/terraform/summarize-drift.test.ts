import { expect } from 'chai';
import { driftSchema } from '../../../../crds/drift.ts';
import type { PlanJson, ResourceChange } from '../../../../operator/terraform/plan-json.ts';
import { summarizeDrift } from '../../../../operator/terraform/summarize-drift.ts';

const same = (text: string): string => text;

function change(
  address: string,
  actions: string[],
  sides: { before?: unknown; after?: unknown; sensitive?: unknown } = {},
): ResourceChange {
  const { before = null, after = null, sensitive = {} } = sides;
  return {
    address,
    type: 'thing',
    change: {
      actions,
      before,
      after,
      after_unknown: {},
      before_sensitive: sensitive,
      after_sensitive: sensitive,
    },
  };
}

function plan(...changes: ResourceChange[]): PlanJson {
  return { resource_changes: changes, resource_drift: [] };
}

describe('what a check says to differ', () => {
  it('is nothing where nothing would be done, and reading is nothing', () => {
    const found = summarizeDrift(plan(change('a', ['no-op']), change('b', ['read'])), same);
    expect(found).to.deep.equal({ resources: [], omitted: 0 });
  });

  it('is address, action and names of attributes, never values', () => {
    const found = summarizeDrift(
      plan(
        change('a', ['update'], {
          before: { size: 1, tags: { owner: 'x' } },
          after: { size: 2, tags: { owner: 'y' } },
        }),
        change('b', ['delete', 'create'], { before: { id: 1 }, after: { id: 2 } }),
        change('c', ['create'], { after: { name: 'new' } }),
      ),
      same,
    );
    expect(found.resources).to.deep.equal([
      { address: 'a', action: 'update', attributes: ['size', 'tags.owner'] },
      { address: 'b', action: 'replace', attributes: ['id'] },
      { address: 'c', action: 'create' },
    ]);
  });

  it('names a sensitive attribute and nothing of what is in it', () => {
    const found = summarizeDrift(
      plan(
        change('a', ['update'], {
          before: { login: { 'secret-key': 'old' } },
          after: { login: { 'secret-key': 'new' } },
          sensitive: { login: true },
        }),
      ),
      same,
    );
    expect(found.resources[0]?.attributes).to.deep.equal(['login']);
  });

  it('masks secrets in addresses and in keys of maps', () => {
    const found = summarizeDrift(
      plan(
        change('a["pa55word"]', ['update'], {
          before: { map: { pa55word: 1 } },
          after: { map: { pa55word: 2 } },
        }),
      ),
      (text) => text.replaceAll('pa55word', '(masked)'),
    );
    expect(JSON.stringify(found)).not.to.include('pa55word');
    expect(found.resources[0]?.address).to.equal('a["(masked)"]');
  });

  it('is bounded, and fits the status', () => {
    const wide = Object.fromEntries(
      Array.from({ length: 50 }, (_, at) => [`key${at}`.repeat(50), at]),
    );
    const many = Array.from({ length: 100 }, (_, at) =>
      change(`${'x'.repeat(500)}${at}`, ['update'], { before: {}, after: wide }),
    );
    const found = summarizeDrift(plan(...many), same);
    expect(found.omitted).to.equal(80);
    expect(driftSchema.safeParse(found).success).to.equal(true);
  });
});
