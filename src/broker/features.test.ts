import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FEATURES, type FeatureUpdate, featureLevel, updatedLevels } from './features.ts';

const NODE_ID = 1;
const refused = (level: number, name: string, why: string) =>
  `Invalid update version ${level} for feature ${name}. ${why}`;
const metadataLost =
  'Refusing to perform the requested downgrade because it might delete metadata information.';

describe('an update of features', () => {
  const table: [title: string, update: FeatureUpdate, problem: string | undefined][] = [
    ['keeps a level', { name: 'metadata.version', level: 27, type: 'upgrade' }, undefined],
    ['lowers one', { name: 'metadata.version', level: 25, type: 'safe downgrade' }, undefined],
    [
      'lowers none by an upgrade',
      { name: 'metadata.version', level: 25, type: 'upgrade' },
      refused(
        25,
        'metadata.version',
        "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.",
      ),
    ],
    [
      'loses no metadata',
      { name: 'metadata.version', level: 22, type: 'safe downgrade' },
      `Invalid metadata.version 22. ${metadataLost}`,
    ],
    [
      'raises none by a downgrade',
      { name: 'low', level: 1, type: 'safe downgrade' },
      refused(1, 'low', 'Local controller 1 does not support this feature.'),
    ],
    [
      'keeps within the range',
      { name: 'metadata.version', level: 28, type: 'upgrade' },
      refused(28, 'metadata.version', 'Local controller 1 only supports versions 7-27'),
    ],
    ['keeps what is at nothing', { name: 'streams.version', level: 0, type: 'upgrade' }, undefined],
    [
      'raises none that is only known by name',
      { name: 'streams.version', level: 1, type: 'upgrade' },
      refused(1, 'streams.version', 'Local controller 1 does not support this feature.'),
    ],
    [
      'has a known type',
      { name: 'metadata.version', level: 27, type: undefined },
      refused(27, 'metadata.version', 'The controller does not support the given upgrade type.'),
    ],
    [
      'has a level',
      { name: 'metadata.version', level: -1, type: 'upgrade' },
      refused(-1, 'metadata.version', 'A feature version cannot be less than 0.'),
    ],
  ];
  for (const [title, update, problem] of table) {
    it(title, () => {
      const result = updatedLevels({}, [update], NODE_ID);
      assert.equal('problem' in result ? result.problem : undefined, problem);
      if ('levels' in result) assert.deepEqual(result.levels, { [update.name]: update.level });
    });
  }

  it('never lowers kraft.version', () => {
    const update: FeatureUpdate = { name: 'kraft.version', level: 0, type: 'safe downgrade' };
    const problem = refused(0, 'kraft.version', "Can't downgrade the version of this feature.");
    assert.deepEqual(updatedLevels({ 'kraft.version': 1 }, [update], NODE_ID), { problem });
  });

  it('happens as a whole or not at all', () => {
    const good: FeatureUpdate = { name: 'metadata.version', level: 26, type: 'safe downgrade' };
    const bad: FeatureUpdate = { name: 'nonsense', level: 1, type: 'upgrade' };
    assert.ok('problem' in updatedLevels({}, [good, bad], NODE_ID));
  });

  it('goes up after it went down', () => {
    const before = { 'metadata.version': 25 };
    const update: FeatureUpdate = { name: 'metadata.version', level: 27, type: 'upgrade' };
    assert.deepEqual(updatedLevels(before, [update], NODE_ID), { levels: { 'metadata.version': 27 } });
  });
});

describe('every feature', () => {
  for (const feature of FEATURES) {
    it(`begins within its range: ${feature.name}`, () => {
      const level = featureLevel({}, feature);
      assert.ok(feature.min <= level && level <= feature.max);
    });
  }
});
