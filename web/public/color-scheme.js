// Runs before the first paint, so that a chosen color scheme does not flash; a file, because the page allows no inline script.
(() => {
  const chosen = /(?:^|; )grantway-color-scheme=(light|dark)(?:;|$)/.exec(document.cookie)?.[1];
  const scheme = chosen ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme);
})();
