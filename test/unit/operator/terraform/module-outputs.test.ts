import { expect } from 'chai';
import { UnexpectedEngineOutputError } from '../../../../operator/terraform/errors.ts';
import {
  collectTexts,
  findMissingOutputs,
  readModuleOutputs,
} from '../../../../operator/terraform/module-outputs.ts';

function saveState(outputs: object, version = 4): string {
  return JSON.stringify({ version, serial: 1, lineage: 'x', outputs, resources: [] });
}

describe('The outputs of a module', () => {
  const strange = {
    'text that is not JSON': 'nonsense',
    'a half of a state': saveState({}).slice(0, -1),
    'something that is no object': '"x"',
    'a state of another version': saveState({}, 5),
    'outputs that are no objects': saveState({ resource: 1 }),
    'an output that is no object': saveState({ resource: { value: 1 } }),
  };
  for (const [title, text] of Object.entries(strange)) {
    it(`are not read out of ${title}`, () => {
      expect(() => readModuleOutputs(text, ['a'])).to.throw(UnexpectedEngineOutputError);
    });
  }

  it('never stand in the error when they cannot be read', () => {
    expect(() => readModuleOutputs('secret', [])).to.throw(UnexpectedEngineOutputError, /not JSON/);
  });

  it('are those that are wanted, with the names of the sensitive ones', () => {
    const text = saveState({
      resource: { value: { a: 1, b: { c: 'x' }, d: 'no' }, type: 'dynamic', sensitive: true },
      sensitive: { value: { a: false, b: true, d: true }, type: 'dynamic' },
    });
    expect(readModuleOutputs(text, ['a', 'b', 'missing'])).to.deep.equal({
      values: { a: 1, b: { c: 'x' } },
      sensitive: ['b'],
    });
  });

  for (const [title, text] of Object.entries({
    'no state': '',
    'a state without any': saveState({}),
  })) {
    it(`are none when there is ${title}`, () => {
      expect(readModuleOutputs(text, ['a'])).to.deep.equal({ values: {}, sensitive: [] });
    });
  }

  it('lack what the class promises and the module does not have', () => {
    const outputs = { values: { a: null }, sensitive: [] };
    expect(findMissingOutputs(outputs, ['a', 'b'])).to.deep.equal(['b']);
  });

  it('are masked by every text inside them', () => {
    expect(collectTexts({ a: ['x', { b: 'y' }], c: 1, d: null })).to.deep.equal(['x', 'y']);
  });
});
