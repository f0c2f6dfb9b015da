import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { findChromium, launch } from './chromium.ts';
import { DemoProcess } from './demo-process.ts';

const executable = findChromium();
const skip = executable === undefined ? 'no Chromium found; CHROMIUM=/path/to/it names one' : false;
const desk: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};
/** Along the streets from the start: grain on every tile. */
const keys = ['ArrowDown', 'ArrowLeft', 'ArrowUp', 'ArrowLeft', 'KeyW', 'KeyD', 'ArrowRight', 'KeyS'];

let demo: DemoProcess;
let browser: Browser;
const complaints: string[] = [];

async function open(path: string, options: BrowserContextOptions = desk): Promise<Page> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(25_000);
  const page = await context.newPage();
  page.on('pageerror', ({ message }) => complaints.push(`${path}: ${message}`));
  page.on('console', (line) => line.type() === 'error' && complaints.push(`${path}: ${line.text()}`));
  await page.goto(demo.httpUrl + path);
  return page;
}

async function startGame(page: Page, name: string): Promise<void> {
  await page.fill('#player', name);
  await page.click('#start');
  await page.waitForFunction(() => document.querySelector('#score')?.textContent !== '0');
}

async function steer(page: Page, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const key of keys) {
      await page.keyboard.press(key);
      await page.waitForTimeout(180);
    }
  }
}

/** What the row of a player says, cell by cell. */
async function rowOf(page: Page, player: string): Promise<string[]> {
  const row = page.locator('#rows tr', { hasText: player });
  await row.waitFor();
  return row.locator('td').allInnerTexts();
}

async function fitsWidth(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
}

describe('the demo in a browser', { skip }, () => {
  before(async () => {
    demo = await DemoProcess.start();
    browser = await launch(executable!);
  });

  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  test('before the first move the pages say what to do', async () => {
    const landing = await open('/');
    await landing.locator('#quiet').waitFor();
    await landing.locator('#queries tr', { hasText: 'STATS_PER_USER' }).waitFor();
    const board = await open('/scoreboard');
    await board.locator('#empty').waitFor();
    await landing.context().close();
    await board.context().close();
  });

  describe('three people at once', { concurrency: true }, () => {
    test('what is played shows on the scoreboard, on the landing page and in the table', async () => {
      const name = "Zoë O'Mill";
      const board = await open('/scoreboard');
      const landing = await open('/');
      const game = await open('/game?seed=7');
      await startGame(game, name);
      await steer(game, 3);
      await game.keyboard.press('p');
      const score = (await game.locator('#score').textContent()) ?? '';

      await board.locator('#rows td.score', { hasText: score }).waitFor();
      const [, player, shownScore, , losses, now] = await rowOf(board, name);
      assert.deepEqual([player, shownScore, losses], [name, score, '0']);
      assert.match(now ?? '', /playing/);

      await game.locator('#board li.me', { hasText: score }).waitFor();
      await landing.locator('#stats tr', { hasText: score }).waitFor();
      assert.ok((await landing.locator('#events tr').count()) > 0);
      await landing.locator('.cell').first().waitFor();
      await landing.locator('.reader span', { hasText: 'STATS_PER_USER' }).waitFor();

      const answer = await fetch(`${demo.httpUrl}/query-stream`, {
        method: 'POST',
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        body: JSON.stringify({ sql: "SELECT HIGHEST_SCORE FROM STATS_PER_USER WHERE USER = 'Zoë O''Mill';" }),
      });
      const [, row] = (await answer.json()) as [unknown, number[]];
      assert.equal(row?.[0]?.toLocaleString('en'), score);
      for (const page of [board, landing, game]) await page.context().close();
    });

    test('a lost game is counted and its score stays', async () => {
      const game = await open('/game?seed=3');
      await startGame(game, 'Idle');
      // It only ever wants to go right: the four come and get the wheel three times.
      await game.keyboard.press('ArrowRight');
      await game.locator('#over').waitFor({ timeout: 90_000 });
      const final = (await game.locator('#final').textContent()) ?? '';
      assert.ok(Number(final.replace(',', '')) > 0);
      const board = await open('/scoreboard');
      await board.waitForFunction(() =>
        [...document.querySelectorAll('#rows tr')].some(
          (row) => /Idle/.test(row.textContent) && row.children[4]?.textContent === '1',
        ),
      );
      assert.equal((await rowOf(board, 'Idle'))[2], final);
      await game.context().close();
      await board.context().close();
    });

    test('a phone plays by touch, and no page is wider than its screen', async () => {
      const game = await open('/game', phone);
      await game.fill('#player', 'Thumb');
      await game.tap('#start');
      for (const way of ['left', 'down', 'right', 'up']) {
        await game.locator(`.pad [data-way="${way}"]`).dispatchEvent('pointerdown');
        await game.waitForTimeout(300);
      }
      await game.waitForFunction(() => document.querySelector('#score')?.textContent !== '0');
      assert.ok(await game.locator('.pad').isVisible());
      assert.ok(await fitsWidth(game), 'the game is wider than the screen');
      for (const path of ['/', '/scoreboard']) {
        const page = await open(path, phone);
        await page.locator('[data-state="live"]').waitFor();
        assert.ok(await fitsWidth(page), `${path} is wider than the screen`);
        await page.context().close();
      }
      await game.context().close();
    });
  });

  test('no page has complained', () => assert.deepEqual(complaints, []));
});
