// What GraphiQL's page does besides GraphiQL itself: example tabs, and whose token a request bears.
// Plain browser JavaScript over the globals of the installed packages, so nothing has to be bundled.
const { React, ReactDOM, GraphiQL } = window;
const { createElement: h, useCallback, useEffect, useMemo, useState } = React;

// GraphiQL's menus make a style element; the page's policy lets it in by this nonce.
window.__webpack_nonce__ = document.getElementById('page').dataset.nonce;

const none = { label: 'No token', name: 'anyone', kind: 'PUBLIC', token: '' };
const whoQuery = 'query WhoAmI { viewer { kind scopes merchant { name } member { displayName } } }';

const getJson = async (path) => (await fetch(path, { headers: { accept: 'application/json' } })).json();

const post = async (token, params, headers = {}) => {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    body: JSON.stringify(params),
  });
  return response.json();
};

const describe = (viewer) => {
  if (viewer.kind === 'PUBLIC') return 'nobody in particular';
  const name = viewer.member?.displayName ?? viewer.merchant?.name;
  const session = viewer.member && viewer.merchant ? `, in a session of ${viewer.merchant.name}` : '';
  return `${viewer.kind}${name ? ` · ${name}` : ''}${session}`;
};

// Tabs are kept in the browser, apart for each store: after a reset the old ids would lead nowhere.
const storageFor = (store) => {
  const prefix = `jifen:${store}:`;
  return {
    getItem: (key) => localStorage.getItem(prefix + key),
    setItem: (key, value) => localStorage.setItem(prefix + key, value),
    removeItem: (key) => localStorage.removeItem(prefix + key),
    get length() {
      return Object.keys(localStorage).filter((key) => key.startsWith(prefix)).length;
    },
    clear: () => {
      for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
    },
  };
};

function Identity({ identity, chosen, suggested, onChoose }) {
  const className = `identity ${identity.kind.toLowerCase()}${suggested ? ' suggested' : ''}`;
  const title = suggested ? `The open example is for this caller` : `Send requests as ${identity.name}`;
  return h(
    'button',
    { type: 'button', className, title, 'aria-pressed': chosen, onClick: () => onChoose(identity) },
    h('b', null, identity.label),
    h('span', null, identity.name),
  );
}

function OwnToken({ chosen, onChoose }) {
  const submit = (event) => {
    event.preventDefault();
    const token = new FormData(event.target).get('token').trim();
    if (token) onChoose({ label: 'Own token', name: 'own token', kind: 'OWN', token });
  };
  return h(
    'form',
    { className: `own${chosen ? ' chosen' : ''}`, onSubmit: submit },
    h('input', {
      name: 'token',
      placeholder: 'Paste a token, Enter',
      'aria-label': 'Own token',
      autoComplete: 'off',
      spellCheck: false,
    }),
  );
}

function useWho(identity) {
  const [who, setWho] = useState({ text: '…', fine: true });
  useEffect(() => {
    let current = true;
    void post(identity.token, { query: whoQuery, operationName: 'WhoAmI' })
      .then(({ data, errors }) =>
        data?.viewer
          ? { text: describe(data.viewer), fine: true }
          : { text: errors?.[0]?.message ?? 'no answer', fine: false },
      )
      .catch(() => ({ text: 'the gateway does not answer', fine: false }))
      .then((found) => current && setWho(found));
    return () => {
      current = false;
    };
  }, [identity]);
  return who;
}

function Bar({ identities, identity, suggestedKind, onChoose }) {
  const who = useWho(identity);
  const all = [...identities, none];
  return h(
    'header',
    { className: 'bar' },
    h('a', { className: 'brand', href: '/graphiql' }, h('span', { lang: 'zh' }, '积分'), ' Jifen'),
    h(
      'nav',
      { className: 'identities', 'aria-label': 'Whose token requests bear' },
      all.map((each) =>
        h(Identity, {
          key: `${each.kind} ${each.name}`,
          identity: each,
          chosen: each.token === identity.token,
          suggested: each.kind === suggestedKind && identity.kind !== suggestedKind,
          onChoose,
        }),
      ),
      h(OwnToken, { chosen: identity.kind === 'OWN', onChoose }),
    ),
    h(
      'p',
      { className: `who${who.fine ? '' : ' bad'}`, role: 'status' },
      h('span', null, 'You are '),
      h('strong', { id: 'who' }, who.text),
    ),
  );
}

// Whoever opens the page sees an answer at once. Never a mutation, so only if the first example is the open tab.
function useFirstAnswer(first, identity) {
  useEffect(() => {
    if (first?.kind !== identity.kind) return;
    const timer = setInterval(() => {
      const run = document.querySelector('.graphiql-execute-button');
      if (!run) return;
      clearInterval(timer);
      const open = document.querySelector('.graphiql-tab-active .graphiql-tab-button')?.textContent;
      const empty = document.querySelector('.result-window .CodeMirror')?.CodeMirror.getValue() === '';
      if (open === first.operation && empty) run.click();
    }, 100);
    return () => clearInterval(timer);
  }, [first, identity]);
}

function Page({ identities, examples, store }) {
  const [identity, choose] = useState(() => identities.find(({ kind }) => kind === 'MEMBER') ?? none);
  const [operation, setOperation] = useState(examples[0]?.operation);
  const storage = useMemo(() => storageFor(store), [store]);
  const fetcher = useCallback(
    (params, options) => post(identity.token, params, options?.headers),
    [identity],
  );
  const onTabChange = useCallback(
    ({ tabs, activeTabIndex }) => setOperation(tabs[activeTabIndex]?.title),
    [],
  );
  useFirstAnswer(examples[0], identity);
  const suggestedKind = examples.find((example) => example.operation === operation)?.kind;
  return h(
    React.Fragment,
    null,
    h(Bar, { identities, identity, suggestedKind, onChoose: choose }),
    h(
      GraphiQL,
      {
        fetcher,
        storage,
        onTabChange,
        defaultTabs: examples.map(({ query, variables }) => ({ query, variables, headers: '' })),
        defaultEditorToolsVisibility: 'variables',
        showPersistHeadersSettings: false,
      },
      h(GraphiQL.Logo, null, ' '),
    ),
  );
}

const start = async () => {
  const [identities, { examples, store }] = await Promise.all([
    getJson('/graphiql/demo-tokens').then((found) => (Array.isArray(found) ? found : [])),
    getJson('/graphiql/examples'),
  ]);
  const root = ReactDOM.createRoot(document.getElementById('page'));
  root.render(h(Page, { identities, examples, store }));
};

start().catch(() => {
  document.getElementById('page').textContent = 'GraphiQL cannot start: the gateway does not answer.';
});
