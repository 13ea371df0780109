// The page at /verify: shows what the verifier finds. Joined with it into one file by build-page.ts.
import { printable } from '../../printable.ts';
import { readKeys } from '../proof-file.ts';
import { mostCharacters, readJson } from '../read-json.ts';
import { verifyProof } from '../verify-proof.ts';
import { webCrypto } from '../web-crypto.ts';

const find = (id) => document.getElementById(id);

const words = {
  GOOD: ['✓', 'It holds'],
  UNSIGNED: ['?', 'It adds up, but its signatures could not be checked'],
  KEYLESS: ['?', 'It adds up, but its signature cannot be checked without the public keys'],
  BAD: ['✗', 'It does not hold'],
  NOTHING: ['?', 'There is nothing to check'],
};

const factNames = {
  id: 'Posting',
  kind: 'Kind',
  programme: 'Programme',
  points: 'Points',
  at: 'Took effect',
  recordedAt: 'Recorded',
  externalRef: 'Reference',
  reason: 'Reason',
  memberId: 'Member',
  month: 'Month',
  walletId: 'Wallet',
  period: 'Month',
  pooled: 'Of these in pools',
  inPools: 'In pools',
  arrears: 'Owed by you',
  countedAt: 'Counted at',
  totalHash: 'Hash of the total',
  newestSeal: 'Hash of the newest seal',
};

/** What was given last, a promise of its text, so that it is checked again when the keys change. */
let given = null;

/** How many checks were begun: only the newest one's result is shown. */
let checks = 0;

const element = (name, text, className) => {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
};

const step = ({ ok, text }) => {
  const [className, mark] = ok === null ? ['unknown', '?'] : ok ? ['yes', '✓'] : ['no', '✗'];
  const made = element('li', text, className);
  made.dataset.mark = mark;
  return made;
};

/** Puts elements one by one, for there can be more of them than a call may have arguments. */
function fill(id, elements) {
  const parent = find(id);
  parent.replaceChildren();
  for (const each of elements) parent.append(each);
}

/** Takes away what was said of the file before, so that it never stands under another. */
function clear() {
  find('verdict').className = 'verdict';
  find('mark').dataset.mark = '…';
  find('word').textContent = 'Checking…';
  for (const id of ['title', 'steps', 'warnings', 'facts']) find(id).replaceChildren();
  find('facts').hidden = true;
  find('report').hidden = false;
}

function show({ verdict, title, steps, warnings, facts }, pinned) {
  find('title').textContent = title;
  fill('steps', steps.map(step));
  fill(
    'warnings',
    warnings.map((warning) => element('li', warning)),
  );
  fill(
    'facts',
    facts.flatMap(([name, value]) => [element('dt', factNames[name] ?? name), element('dd', value)]),
  );
  find('facts').hidden = facts.length === 0;
  // The verdict comes last: it never stands where what it rests on could not be shown.
  const [mark, word] = words[verdict];
  // Green is for what somebody vouched for.
  find('verdict').className = `verdict ${verdict === 'GOOD' && !pinned ? 'UNPINNED' : verdict}`;
  find('mark').dataset.mark = mark;
  find('word').textContent =
    verdict === 'GOOD' && !pinned ? `${word}, with keys that nobody vouched for` : word;
  // Whoever has to give keys should see where.
  if (verdict === 'KEYLESS') find('pinning').open = true;
}

const failed = (text) => ({
  verdict: 'NOTHING',
  title: 'Nothing was checked',
  steps: [{ ok: null, text: printable(text) }],
  warnings: [],
  facts: [],
});

/** The keys that the reader gave; null for none. Tells what is wrong with them. */
function pinnedKeys() {
  const text = find('keys').value.trim();
  const fault = find('keysFault');
  fault.hidden = true;
  find('pinned').textContent = 'none given yet';
  if (text === '') return null;
  try {
    const keys = readKeys(readJson(text));
    find('pinned').textContent = keys.length === 1 ? '1 key' : `${keys.length} keys`;
    return keys;
  } catch (error) {
    fault.textContent = printable(`These are no public keys: ${error.message}`);
    fault.hidden = false;
    // Never fall back to the proof's own keys without a word.
    return [];
  }
}

/** What the verifier says of a text that is still to be read. */
async function judge(reading, pinned) {
  let text;
  try {
    text = await reading;
  } catch (error) {
    return failed(`This cannot be read as a file: ${error.message}`);
  }
  if (!globalThis.crypto?.subtle)
    return failed('This page has to be opened over https, from this machine, or as a saved file.');
  let file;
  try {
    file = readJson(text);
  } catch (error) {
    return failed(`This cannot be read as JSON: ${error.message}`);
  }
  const report = await verifyProof(file, pinned, webCrypto);
  const wallet = find('wallet').value.trim();
  const isBalance = report.facts.some(([name]) => name === 'walletId');
  return wallet !== '' && isBalance ? verifyProof(file, pinned, webCrypto, wallet) : report;
}

async function check() {
  const pinned = pinnedKeys();
  if (given === null) return;
  const mine = ++checks;
  clear();
  const wrong = (error) => failed(`Something went wrong: ${error.message}`);
  const report = await judge(given, pinned).catch(wrong);
  if (mine === checks) show(report, pinned !== null);
}

/** Reads a file, unless it is far too long for a proof. */
const read = (file) =>
  file.size > mostCharacters ? Promise.reject(new Error('it is too long')) : file.text();

function take(reading) {
  given = reading;
  void check();
}

const drop = find('drop');
addEventListener('dragover', (event) => {
  event.preventDefault();
  drop.classList.add('over');
});
addEventListener('dragleave', () => drop.classList.remove('over'));
addEventListener('drop', (event) => {
  event.preventDefault();
  drop.classList.remove('over');
  const [file] = event.dataTransfer.files;
  take(file ? read(file) : Promise.resolve(event.dataTransfer.getData('text')));
});
addEventListener('paste', (event) => {
  if (event.target === find('keys') || event.target === find('wallet')) return;
  take(Promise.resolve(event.clipboardData.getData('text')));
});
find('file').addEventListener('change', ({ target }) => {
  const [file] = target.files;
  if (file) take(read(file));
  // The same file may be chosen again after it changed.
  target.value = '';
});
for (const id of ['keys', 'wallet']) find(id).addEventListener('input', () => void check());
