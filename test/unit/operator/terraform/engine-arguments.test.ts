import { expect } from 'chai';
import { buildEngineArguments } from '../../../../operator/terraform/engine-arguments.ts';

describe('The arguments of the engine', () => {
  it('apply the saved plan and nothing else', () => {
    const list = buildEngineArguments('apply', false);
    expect(list.at(-1)).to.equal('run.tfplan');
    expect(list).not.to.include('-auto-approve');
    expect(list.some((argument) => argument.startsWith('-var'))).to.equal(false);
    expect(buildEngineArguments('apply', true)).to.deep.equal(list);
  });

  it('plan a destruction only when that is asked for', () => {
    expect(buildEngineArguments('plan', true)).to.include('-destroy');
    expect(buildEngineArguments('plan', false)).not.to.include('-destroy');
  });

  it('ask Terraform for what all its versions understand', () => {
    expect(buildEngineArguments('init', false, 'terraform')).not.to.include('-json');
    expect(buildEngineArguments('plan', false, 'terraform')).to.include('-json');
  });

  for (const step of ['init', 'plan', 'apply'] as const) {
    it(`never wait for somebody to type, in ${step}`, () => {
      expect(buildEngineArguments(step, false)).to.include('-input=false').and.to.include('-json');
    });
  }
});
