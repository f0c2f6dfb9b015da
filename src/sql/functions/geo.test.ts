import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateText } from '../expression-test-kit.ts';

function kilometres(args: string): number {
  return evaluateText(`GEO_DISTANCE(${args})`) as number;
}

test('distances on the sphere', () => {
  const quarter = (6371 * Math.PI) / 2;
  assert.equal(kilometres('48.1, 11.5, 48.1, 11.5'), 0);
  assert.ok(Math.abs(kilometres('0, 0, 0, 90') - quarter) < 1e-9);
  assert.ok(Math.abs(kilometres('90, 17, 0, -120') - quarter) < 1e-9);
  assert.ok(Math.abs(kilometres("0, 0, 0, 90, 'miles'") - (3959 * Math.PI) / 2) < 1e-9);
});

test('points that are not on Earth are refused', () => {
  const cases = ['91, 0, 0, 0', '0, 0, 0, -181', "0, 0, 0, 0, 'leagues'"];
  for (const args of cases) assert.match(String(evaluateText(`GEO_DISTANCE(${args})`)), /^error: /, args);
});
