// The library's tooltip, apart: it brings what places it, and nobody needs that before they point at something.
export { Tooltip as default } from '@mantine/core';
