import type { Asset, AssetName } from './assets.ts';

/**
 * What the page may do: load its own files and talk to its own server, nothing else. GraphiQL's menus lock the page's
 * scrolling with a style element, which bears the nonce; its fonts come inside its style sheet.
 */
export const contentSecurityPolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'none'",
    "font-src 'self' data:",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** The page that GraphiQL lives in. */
export const graphiqlHtml = (
  assets: Readonly<Record<AssetName, Asset>>,
  nonce: string,
): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Jifen · GraphiQL</title>
    <link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
    <link rel="stylesheet" href="${assets.graphiqlStyle.url}">
    <link rel="stylesheet" href="${assets.pageStyle.url}">
    <script src="${assets.react.url}" defer></script>
    <script src="${assets.reactDom.url}" defer></script>
    <script src="${assets.graphiql.url}" defer></script>
    <script src="${assets.page.url}" type="module"></script>
  </head>
  <body>
    <div id="page" data-nonce="${nonce}"><p class="loading">Loading GraphiQL…</p></div>
    <noscript>GraphiQL needs JavaScript. The endpoint itself is POST /graphql.</noscript>
  </body>
</html>
`;

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#b4540a"/><circle cx="16" cy="16" r="8" fill="none" stroke="#fff" stroke-width="3"/><circle cx="16" cy="16" r="2.5" fill="#fff"/></svg>`;
