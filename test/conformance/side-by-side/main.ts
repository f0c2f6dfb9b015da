// Runs suites outside the test runner and says what differs; both transcripts are left in .cache/side-by-side.
//
//   npx node test/conformance/side-by-side/main.ts topics [part of a script's or a step's name...]
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compareStep } from './compare.ts';
import { openPair } from './pair.ts';
import { SUITES, type Suite } from './suites.ts';
import { verdictOf } from './verdict.ts';

const [name = '', ...wanted] = process.argv.slice(2);
const suite = (SUITES as Record<string, Suite>)[name];
if (suite === undefined) throw new Error(`no suite '${name}', but ${Object.keys(SUITES).join(', ')}`);

const isWanted = (text: string) => wanted.length === 0 || wanted.some((part) => text.includes(part));

const folder = fileURLToPath(new URL('../../../.cache/side-by-side/', import.meta.url));
mkdirSync(folder, { recursive: true });
const sides = ['ours', 'kafka'] as const;
for (const side of sides) writeFileSync(`${folder}${name}.${side}.txt`, '');
const counts: Record<string, number> = {};
const pair = await openPair(suite.options ?? {});
try {
  for (const script of suite.scripts) {
    const steps = isWanted(script.name) ? script.steps : script.steps.filter((step) => isWanted(step.name));
    if (steps.length > 0) console.log(`== ${script.name}`);
    for (const step of steps) {
      if (step.program?.missing !== undefined) continue;
      const startedMs = performance.now();
      const comparison = await compareStep(pair, step).catch((error: Error) => {
        console.log(`broken    ${error.message}`);
        return undefined;
      });
      if (comparison === undefined) continue;
      const tookMs = Math.round(performance.now() - startedMs);
      for (const side of sides)
        appendFileSync(`${folder}${name}.${side}.txt`, `$ ${step.name}\n${comparison[side]}\n\n`);
      const verdict = verdictOf(step, comparison);
      counts[verdict.kind] = (counts[verdict.kind] ?? 0) + 1;
      console.log(`${verdict.kind.padEnd(9)} ${tookMs} ms  ${step.name}`);
      if (verdict.note !== undefined) console.log(verdict.note.replaceAll(/^/gm, '      '));
    }
  }
} finally {
  await pair.close();
}
console.log(counts);
