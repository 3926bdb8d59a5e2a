// The look: Mantine's, with shades that keep text readable (WCAG AA) in light and dark.
import { type CSSVariablesResolver, createTheme } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: 'md',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.6rem' }, h2: { fontSize: '1.15rem' } } },
  cursorType: 'pointer',
  components: { Badge: { defaultProps: { radius: 'sm', tt: 'none' } } },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-6)',
    // The library's own shades for coloured text on a tint stay below 4.5 : 1.
    '--mantine-color-teal-light-color': '#05603f',
    '--mantine-color-orange-light-color': '#9a3412',
    '--mantine-color-yellow-light-color': '#8a4b08',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    '--grantway-good': 'var(--mantine-color-teal-9)',
    '--grantway-ended': 'var(--mantine-color-red-8)',
    '--grantway-refused': 'var(--mantine-color-orange-7)',
    '--grantway-page': 'var(--mantine-color-gray-0)',
    '--grantway-card': 'var(--mantine-color-white)',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-red-light-color': 'var(--mantine-color-red-4)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    // The library's own is darker than the card it lies on.
    '--mantine-color-gray-light': 'var(--mantine-color-dark-5)',
    '--grantway-good': 'var(--mantine-color-teal-4)',
    '--grantway-ended': 'var(--mantine-color-red-5)',
    '--grantway-refused': 'var(--mantine-color-orange-4)',
    '--grantway-page': 'var(--mantine-color-dark-8)',
    '--grantway-card': 'var(--mantine-color-dark-7)',
  },
});
