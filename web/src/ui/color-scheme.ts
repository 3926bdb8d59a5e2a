// Keeps a chosen color scheme in a cookie, because nothing is kept in web storage. Nothing chosen follows the system.
import type { MantineColorScheme, MantineColorSchemeManager } from '@mantine/core';

// Read by public/color-scheme.js before the first paint.
const cookie = 'grantway-color-scheme';
const year = 60 * 60 * 24 * 365;

function forget() {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser
  document.cookie = `${cookie}=; Path=/; Max-Age=0; SameSite=Lax`;
}

export const cookieColorScheme: MantineColorSchemeManager = {
  get(fallback) {
    const chosen = document.cookie.split('; ').find((one) => one.startsWith(`${cookie}=`));
    const value = chosen?.slice(cookie.length + 1);
    return value === 'light' || value === 'dark' ? value : fallback;
  },
  set(value: MantineColorScheme) {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser
    if (value !== 'auto') document.cookie = `${cookie}=${value}; Path=/; Max-Age=${year}; SameSite=Lax`;
    else forget();
  },
  subscribe() {},
  unsubscribe() {},
  clear: forget,
};
