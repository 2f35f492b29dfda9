import { expect } from 'chai';
import { buildAccessSecret } from '../../../../operator/run/build-access-secret.ts';
import { buildJob, isJobOf } from '../../../../operator/run/build-job.ts';
import { buildRequestRun } from '../../../support/operator/request-builder.ts';

interface PodSpec {
  automountServiceAccountToken: boolean;
  serviceAccountName?: string;
  restartPolicy: string;
  securityContext: Record<string, unknown>;
  containers: [Record<string, unknown>];
  volumes: unknown[];
}

const run = buildRequestRun();

function podOf(spec: Parameters<typeof buildJob>[0]['spec']): PodSpec {
  const job = buildJob({ run, spec, image: 'quartermaster:dev' });
  return (job.spec!['template'] as { spec: PodSpec }).spec;
}

describe('the Job of a run', () => {
  it('has no token of a service account unless the class names one', () => {
    const pod = podOf({});
    expect(pod.automountServiceAccountToken).to.equal(false);
    expect(pod).not.to.have.property('serviceAccountName');
    const named = podOf({ runner: { serviceAccountName: 'postgres' } });
    expect(named).to.include({
      automountServiceAccountToken: true,
      serviceAccountName: 'postgres',
    });
  });

  it('runs as nobody, on a read-only root, without capabilities', () => {
    const pod = podOf({});
    expect(pod.securityContext).to.deep.include({
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod.containers[0]['securityContext']).to.deep.equal({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('is tried once, and ends at the deadline of its class', () => {
    const timeouts = { plan: '1m', apply: '2m' };
    const job = buildJob({ run, spec: { timeouts }, image: 'x' });
    expect(job.spec).to.deep.include({ backoffLimit: 0, activeDeadlineSeconds: 180 + 3600 });
    expect(podOf({}).restartPolicy).to.equal('Never');
  });

  it('carries no secret: what it may know stands in a Secret of its own', () => {
    const secret = buildAccessSecret(run, { url: 'u', ca: 'c', token: 't0ken', run: 'run-1' });
    expect(Object.keys(secret.data ?? {})).to.deep.equal(['run.json']);
    expect(secret.metadata.ownerReferences?.[0]).to.include({ uid: 'run-uid' });
    expect(JSON.stringify(podOf({}))).not.to.include('t0ken');
  });

  it('takes the Secrets that the class names as environment', () => {
    const pod = podOf({ runner: { secretRefs: [{ name: 'cloud' }] } });
    expect(pod.containers[0]['envFrom']).to.deep.equal([{ secretRef: { name: 'cloud' } }]);
  });

  it('does not make Node read the authorities of the whole world', () => {
    const options = { name: 'NODE_OPTIONS', value: '--use-openssl-ca' };
    expect(podOf({}).containers[0]['env']).to.deep.include(options);
  });

  it('is recognised by its owner and by what it was made from', () => {
    const job = buildJob({ run, spec: {}, image: 'x' });
    expect(isJobOf(job, run)).to.equal(true);
    const other = { ...run, metadata: { ...run.metadata, uid: 'other' } };
    expect(isJobOf(job, other)).to.equal(false);
    expect(isJobOf(job, { ...run, spec: { ...run.spec, attempt: 2 } })).to.equal(false);
  });

  it('fetches the image with the Secrets that it is told of, and names none otherwise', () => {
    const pullsOf = (pullSecrets?: string[]): unknown => {
      const { template } = buildJob({ run, spec: {}, image: 'x', pullSecrets }).spec as unknown as {
        template: { spec: { imagePullSecrets?: object[] } };
      };
      return template.spec.imagePullSecrets;
    };
    expect(pullsOf(['registry', 'mirror'])).to.deep.equal([
      { name: 'registry' },
      { name: 'mirror' },
    ]);
    expect(pullsOf([])).to.equal(undefined);
    expect(pullsOf()).to.equal(undefined);
  });
});
