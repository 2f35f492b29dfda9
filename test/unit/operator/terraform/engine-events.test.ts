import { expect } from 'chai';
import { parseEngineLine } from '../../../../operator/terraform/engine-events.ts';

describe('A line of the engine', () => {
  const strange = ['', 'Terraform crashed', '{"half":', '[1]', 'null', '{"type":"diagnostic"}'];
  for (const line of strange) {
    it(`is a message when it is ${line === '' ? 'empty' : line}`, () => {
      expect(parseEngineLine(line).kind).to.equal('message');
    });
  }

  it('carries a diagnostic without the snippet, which may repeat values', () => {
    const line = JSON.stringify({
      '@message': 'Error: it failed',
      type: 'diagnostic',
      diagnostic: {
        severity: 'error',
        summary: 'it failed',
        detail: 'because of this',
        address: 'module.resource.terraform_data.a',
        snippet: { values: [{ traversal: 'var.password', statement: 'is "secret"' }] },
      },
    });
    expect(parseEngineLine(line)).to.deep.equal({
      kind: 'diagnostic',
      diagnostic: {
        severity: 'error',
        summary: 'it failed',
        detail: 'because of this',
        address: 'module.resource.terraform_data.a',
      },
      text: 'error: it failed (module.resource.terraform_data.a)\nbecause of this',
    });
  });

  it('carries the counts of a change summary', () => {
    const line = JSON.stringify({
      '@message': 'Plan: 1 to add, 2 to change, 3 to destroy.',
      type: 'change_summary',
      changes: { add: 1, change: 2, import: 0, remove: 3, operation: 'plan' },
    });
    expect(parseEngineLine(line)).to.deep.equal({
      kind: 'changes',
      changes: { add: 1, change: 2, destroy: 3 },
      text: 'Plan: 1 to add, 2 to change, 3 to destroy.',
    });
  });

  it('takes strange counts for none', () => {
    const line = '{"type":"change_summary","changes":{"add":-1,"change":"2","remove":1.5}}';
    const event = parseEngineLine(line);
    expect(event).to.deep.include({ changes: { add: 0, change: 0, destroy: 0 } });
  });
});
