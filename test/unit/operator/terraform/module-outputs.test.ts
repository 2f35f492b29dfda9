import { expect } from 'chai';
import { UnexpectedEngineOutputError } from '../../../../operator/terraform/errors.ts';
import {
  collectTexts,
  findMissingOutputs,
  readModuleOutputs,
} from '../../../../operator/terraform/module-outputs.ts';

function print(resource: object, sensitive: object): string {
  return JSON.stringify({
    resource: { sensitive: true, type: 'dynamic', value: resource },
    sensitive: { sensitive: false, type: 'dynamic', value: sensitive },
  });
}

describe('The outputs of a module', () => {
  for (const text of ['', 'nonsense', '[', '"x"', '{"resource":1}', '{"resource":{"value":1}}']) {
    it(`are not read out of ${text === '' ? 'nothing' : text}`, () => {
      expect(() => readModuleOutputs(text, ['a'])).to.throw(UnexpectedEngineOutputError);
    });
  }

  it('never stand in the error when they cannot be read', () => {
    expect(() => readModuleOutputs('secret', [])).to.throw(UnexpectedEngineOutputError, /not JSON/);
  });

  it('are those that are wanted, with the names of the sensitive ones', () => {
    const text = print({ a: 1, b: { c: 'x' }, d: 'no' }, { a: false, b: true, d: true });
    expect(readModuleOutputs(text, ['a', 'b', 'missing'])).to.deep.equal({
      values: { a: 1, b: { c: 'x' } },
      sensitive: ['b'],
    });
  });

  it('are none when the state has none', () => {
    expect(readModuleOutputs('{}', ['a'])).to.deep.equal({ values: {}, sensitive: [] });
  });

  it('lack what the class promises and the module does not have', () => {
    const outputs = { values: { a: null }, sensitive: [] };
    expect(findMissingOutputs(outputs, ['a', 'b'])).to.deep.equal(['b']);
  });

  it('are masked by every text inside them', () => {
    expect(collectTexts({ a: ['x', { b: 'y' }], c: 1, d: null })).to.deep.equal(['x', 'y']);
  });
});
