import { type Browser, chromium, type Page } from 'playwright-core';

/** A page in headless Chromium, with what it asked of the network and what it complained about. */
export interface TestBrowser {
  readonly page: Page;
  /** Every URL that the page requested, data: URLs apart. */
  readonly requested: readonly string[];
  /** Errors in the console and uncaught ones; broken security policies are among them. */
  readonly complaints: readonly string[];
  /** Closes the page and opens a blank one that shares nothing with it. */
  renew(): Promise<void>;
  stop(): Promise<void>;
}

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

type Sheet = Pick<TestBrowser, 'page' | 'requested' | 'complaints'>;

async function openSheet(browser: Browser): Promise<Sheet> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const [requested, complaints]: [string[], string[]] = [[], []];
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) requested.push(request.url());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return { page, requested, complaints };
}

/** Starts headless Chromium; CHROMIUM names another executable than Debian's. */
export async function startTestBrowser(): Promise<TestBrowser> {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: flags });
  const started = {
    ...(await openSheet(browser)),
    async renew() {
      await started.page.close();
      Object.assign(started, await openSheet(browser));
    },
    stop: () => browser.close(),
  };
  return started;
}
