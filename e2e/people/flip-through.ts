/** The page that a person flips through the pictures on: one state at a time, its four pictures side by side, arrow keys to go on. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const VARIANTS = ['desktop-light', 'desktop-dark', 'phone-light', 'phone-dark'];

export function writeFlipThrough(folder: string): void {
  const names = new Set(
    readdirSync(folder)
      .filter((file) => file.endsWith('.png'))
      .map((file) => file.replace(/-(desktop|phone)-(light|dark)\.png$/, '')),
  );
  const pages = [...names]
    .sort()
    .map(
      (name) =>
        `<section id="${name}"><h2>${name}</h2><div>${VARIANTS.map(
          (variant) => `<figure><img loading="lazy" src="${name}-${variant}.png" alt="${name}, ${variant}"></figure>`,
        ).join('')}</div></section>`,
    );
  writeFileSync(join(folder, 'index.html'), HTML.replace('<!-- pages -->', pages.join('\n')));
}

const HTML = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Grantway, page by page</title>
<style>
body { margin: 0; font: 15px system-ui, sans-serif; background: #666; color: #fff }
nav { position: fixed; inset: 0 auto 0 0; width: 15rem; overflow: auto; background: #222; padding: 1rem; box-sizing: border-box }
nav a { display: block; color: #ccc; padding: 2px 0 }
section { display: none; margin-left: 15rem; padding: 1rem }
section:target { display: block }
div { display: grid; grid-template-columns: 3fr 3fr 1fr 1fr; gap: 1rem; align-items: start }
figure { margin: 0 } img { width: 100%; box-shadow: 0 2px 8px #0008 }
</style><nav></nav>
<!-- pages -->
<script>
const pages = [...document.querySelectorAll('section')];
document.querySelector('nav').innerHTML = pages.map(({ id }) => '<a href="#' + id + '">' + id + '</a>').join('');
const at = () => Math.max(0, pages.findIndex(({ id }) => '#' + id === location.hash));
const go = (to) => { location.hash = pages[(to + pages.length) % pages.length].id; };
addEventListener('keydown', ({ key }) => { if (key === 'ArrowRight') go(at() + 1); if (key === 'ArrowLeft') go(at() - 1); });
if (!location.hash) go(0);
</script></html>
`;
