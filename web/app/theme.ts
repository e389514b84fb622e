import { createTheme, type MantineColorsTuple } from '@mantine/core';

import { words } from '../words/shell.ts';

/** An evergreen, because what is perennial is. */
const evergreen: MantineColorsTuple = [
  '#eef8f3',
  '#dcefe5',
  '#b5dfca',
  '#8bcead',
  '#68bf94',
  '#51b684',
  '#44b17b',
  '#2c8f5f',
  '#1f7a50',
  '#0f5c3a',
];

/** Shades are chosen so that text on and beside them has the contrast of WCAG 2.2 AA, in light and dark. */
export const theme = createTheme({
  primaryColor: 'evergreen',
  colors: { evergreen },
  primaryShade: 8,
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: 'md',
  fontFamily:
    "Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.6rem', lineHeight: '1.25' },
      h2: { fontSize: '1.15rem', lineHeight: '1.35' },
      h3: { fontSize: '1rem', lineHeight: '1.4' },
    },
  },
  // Named, not imported: what a page does not use is not loaded for it.
  components: {
    Card: { defaultProps: { withBorder: true, padding: 'lg', radius: 'lg' } },
    Badge: { defaultProps: { variant: 'light', radius: 'sm', tt: 'none' } },
    Loader: { defaultProps: { type: 'dots' } },
    ActionIcon: { defaultProps: { variant: 'subtle' } },
    CloseButton: { defaultProps: { 'aria-label': words.close } },
    // Whoever has no mouse scrolls with the arrow keys.
    TableScrollContainer: { defaultProps: { scrollAreaProps: { viewportProps: { tabIndex: 0 } } } },
    Modal: {
      defaultProps: {
        centered: true,
        radius: 'lg',
        closeButtonProps: { 'aria-label': words.close },
        // Its header element would be a second banner of the page.
        attributes: { header: { role: 'presentation' } },
        styles: { title: { fontWeight: 650 } },
      },
    },
  },
});
