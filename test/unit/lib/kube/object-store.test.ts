import { expect } from 'chai';
import { ObjectStore } from '../../../../lib/kube/object-store.ts';
import type { KubeObject } from '../../../../lib/kube/objects.ts';

function build(name: string, uid: string, resourceVersion: string, team?: string): KubeObject {
  const labels = team === undefined ? undefined : { team };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, uid, resourceVersion, labels } };
}

describe('ObjectStore', () => {
  let store: ObjectStore<KubeObject>;

  beforeEach(() => {
    store = new ObjectStore(({ metadata }) => metadata.labels?.['team']);
    store.replaceAll([build('kept', '1', '1'), build('gone', '2', '1'), build('again', '3', '1')]);
  });

  it('tells what a new list means for every key', () => {
    const changes = store.replaceAll([
      build('kept', '1', '1'),
      build('again', '9', '5'),
      build('new', '4', '6'),
    ]);
    const told = changes.map(({ key, kind, previous }) => [key, kind, previous?.metadata.uid]);
    expect(told).to.deep.equal([
      ['gone', 'deleted', '2'],
      ['kept', 'unchanged', '1'],
      ['again', 'recreated', '3'],
      ['new', 'added', undefined],
    ]);
    expect(store.list().map(({ metadata }) => metadata.name)).to.have.members([
      'kept',
      'again',
      'new',
    ]);
  });

  it('tells what an event means', () => {
    const apply = (
      type: 'ADDED' | 'MODIFIED' | 'DELETED',
      object: KubeObject,
    ): string | undefined => store.applyEvent({ type, object })?.kind;
    expect(apply('MODIFIED', build('kept', '1', '2'))).to.equal('changed');
    expect(apply('MODIFIED', build('kept', '1', '2'))).to.equal('unchanged');
    expect(apply('ADDED', build('kept', '7', '3'))).to.equal('recreated');
    expect(apply('DELETED', build('kept', '7', '4'))).to.equal('deleted');
    expect(apply('DELETED', build('kept', '7', '4'))).to.equal(undefined);
    expect(apply('ADDED', build('kept', '8', '5'))).to.equal('added');
    expect(store.applyEvent({ type: 'BOOKMARK', object: build('', '', '9') })).to.equal(undefined);
  });

  it('follows an object through its index', () => {
    const find = (team: string): string[] =>
      store.listBy(team).map(({ metadata }) => metadata.name);
    store.applyEvent({ type: 'ADDED', object: build('a', 'a', '1', 'red') });
    store.applyEvent({ type: 'ADDED', object: build('b', 'b', '1', 'red') });
    expect(find('red')).to.deep.equal(['a', 'b']);
    store.applyEvent({ type: 'MODIFIED', object: build('a', 'a', '2', 'blue') });
    expect([find('red'), find('blue')]).to.deep.equal([['b'], ['a']]);
    store.replaceAll([]);
    expect([find('red'), find('blue')]).to.deep.equal([[], []]);
  });
});
